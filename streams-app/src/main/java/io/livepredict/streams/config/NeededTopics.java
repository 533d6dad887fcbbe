package io.livepredict.streams.config;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.streams.output.OutputSettings;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which topics a configuration needs. */
final class NeededTopics {
    private NeededTopics() {}

    static List<Topic<?, ?>> of(StreamsAppSettings settings, Topics topics) {
        Set<String> notNeeded = new HashSet<>();
        List<Kind> active = settings.kinds().active();
        for (Kind kind : Kind.values()) {
            String events = topics.events(kind).name();
            if (settings.sources().stream().noneMatch(source -> source.topic().equals(events))) {
                notNeeded.add(events);
            }
            if (!active.contains(kind)) {
                notNeeded.add(topics.labelledExamples(kind).name());
            }
        }
        OutputSettings outputs = settings.outputs();
        if (!outputs.flat()) {
            notNeeded.add(topics.predictions().name());
        }
        List<Topic<?, ?>> needed = new ArrayList<>(topics.all());
        needed.removeIf(topic -> notNeeded.contains(topic.name()));
        if (settings.api().isPresent()) {
            needed.add(topics.audit()); // the trainer writes it
        }
        if (settings.time().liveFrom().isPresent()) {
            needed.add(topics.loads());
        }
        outputs.rows().ifPresent(rows -> needed.add(topics.predictionRows(rows.schema())));
        if (!outputs.alerts().isEmpty()) {
            needed.add(topics.alerts());
        }
        if (outputs.presentFor().isPresent()) {
            needed.add(topics.outlook());
            active.forEach(kind -> needed.add(topics.outlookParts(kind)));
        }
        for (Kind kind : settings.choices().keySet()) {
            needed.add(topics.choiceExamples(kind));
            needed.add(topics.roomParts(kind));
            needed.add(topics.rooms(kind));
        }
        if (settings.erasures()) {
            needed.add(topics.erasures());
            needed.add(topics.erasureReceipts());
        }
        if (settings.contextFeatures()) {
            for (Kind kind : active) {
                needed.add(topics.contextParts(kind));
                needed.add(topics.contextRecent(kind));
            }
        }
        return settings.privacy().topics().of(settings.namespace(), needed);
    }
}
