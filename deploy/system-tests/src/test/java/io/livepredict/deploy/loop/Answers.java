package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Prediction;
import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What the event topics ask for and what the predictions topic answers, as read committed: for each entity and target the
 * ids of its events, in the order of their partition.
 */
final class Answers {
    private final Installation installation;
    /** Targets of which not every prediction is sent. */
    private final Set<String> withheld;

    private final List<Target> targets;

    Answers(Installation installation) {
        this.installation = installation;
        this.withheld = installation.streams().outputs().emissions().keySet();
        this.targets = installation.streams().kinds().targets().stream()
                .filter(target -> !withheld.contains(target.name()))
                .toList();
    }

    /** Every event has one prediction for each target that predicts on it, and each entity's are in its events' order. */
    void assertExactAndInOrder() {
        Map<String, List<String>> asked = asked(event -> true);
        Map<String, List<String>> given = given();
        assertThat(given.keySet()).isEqualTo(asked.keySet());
        asked.forEach((row, events) -> assertThat(given.get(row)).as(row).isEqualTo(events));
    }

    /** Predictions that are not there although the offset after their event is committed. */
    List<String> missingBefore(Map<TopicPartition, Long> committed) {
        Map<String, List<String>> asked = asked(event -> event.offset() < committed.getOrDefault(partition(event), 0L));
        Map<String, List<String>> given = given();
        List<String> missing = new ArrayList<>();
        asked.forEach((row, events) -> {
            Set<String> answered = new HashSet<>(given.getOrDefault(row, List.of()));
            events.stream()
                    .filter(event -> !answered.contains(event))
                    .forEach(event -> missing.add(row + " at " + event));
        });
        return missing;
    }

    private static TopicPartition partition(ConsumerRecord<?, ?> event) {
        return new TopicPartition(event.topic(), event.partition());
    }

    private Map<String, List<String>> asked(Predicate<ConsumerRecord<byte[], byte[]>> which) {
        Map<String, List<String>> asked = new TreeMap<>();
        Set<String> seen = new HashSet<>();
        for (Kind kind : Kind.values()) {
            scan(installation.topics().events(kind), which, event -> {
                if (seen.add(kind.id() + ' ' + event.eventId())) {
                    ask(asked, kind, event);
                }
            });
        }
        return asked;
    }

    private void ask(Map<String, List<String>> asked, Kind kind, CanonicalEvent event) {
        for (Target target : targets) {
            if (target.kind() == kind && target.predictOn().contains(event.type())) {
                add(asked, kind.id(), event.entityId(), target.name(), String.valueOf(event.eventId()));
            }
        }
    }

    /** Those at events: what looks there must be is not to be seen from single events. */
    private Map<String, List<String>> given() {
        return given(p -> !p.getEventType().equals(KindDefinition.LOOK));
    }

    /** By entity and target all that was predicted, at looks as well, in order. */
    Map<String, List<String>> all() {
        return given(p -> true);
    }

    private Map<String, List<String>> given(Predicate<Prediction> which) {
        Map<String, List<String>> given = new TreeMap<>();
        scan(installation.topics().predictions(), any -> true, p -> {
            if (!withheld.contains(p.getTarget()) && which.test(p)) {
                add(given, p.getKind(), p.getEntityId(), p.getTarget(), p.getEventId());
            }
        });
        return given;
    }

    /** Every prediction, by event and target. */
    Map<String, Prediction> predictions() {
        Map<String, Prediction> all = new HashMap<>();
        scan(
                installation.topics().predictions(),
                any -> true,
                p -> assertThat(all.put(p.getEventId() + ' ' + p.getTarget(), p))
                        .as("doubled")
                        .isNull());
        return all;
    }

    private static void add(Map<String, List<String>> to, String kind, String entity, String target, String event) {
        to.computeIfAbsent(kind + ' ' + entity + ' ' + target, row -> new ArrayList<>())
                .add(event);
    }

    private <V> void scan(
            Topic<String, V> topic,
            Predicate<ConsumerRecord<byte[], byte[]>> which,
            java.util.function.Consumer<V> taker) {
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), each -> {
            if (which.test(each)) {
                taker.accept(topic.value().deserializer().deserialize(topic.name(), each.value()));
            }
        });
    }
}
