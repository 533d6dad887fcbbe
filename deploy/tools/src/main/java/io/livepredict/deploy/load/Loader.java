package io.livepredict.deploy.load;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.load.HistoryLoad.Ahead;
import io.livepredict.deploy.load.HistoryLoad.History;
import io.livepredict.deploy.load.HistoryLoad.Listener;
import io.livepredict.deploy.load.HistoryLoad.Readers;
import io.livepredict.deploy.load.HistoryLoad.Result;
import io.livepredict.deploy.replay.LogSpan;
import io.livepredict.deploy.replay.Recording;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.progress.CommittedProgress;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.topics.TopicSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Makes a {@link HistoryLoad} of a configuration of the streams app, and runs it on a real cluster. */
public final class Loader {
    private static final Duration LOOK_EVERY = Duration.ofMillis(200);

    private final StreamsAppSettings config;
    private final Topics topics;
    private final LongSupplier clock;
    private final Instant liveFrom;
    private final double mostMissing;

    /** Fails a load above {@link MissingBuckets#MOST}. */
    public Loader(StreamsAppSettings config, SchemaRegistry registry, LongSupplier clock) {
        this(config, registry, clock, MissingBuckets.MOST);
    }

    /**
     * @param registry where the app's records are registered
     * @param clock wall clock, epoch milliseconds
     * @param mostMissing a load fails if for a larger share of lookups buckets of the room or match were missing
     * @throws SettingsException if the configuration knows no history
     */
    public Loader(StreamsAppSettings config, SchemaRegistry registry, LongSupplier clock, double mostMissing) {
        this.mostMissing = mostMissing;
        this.config = config;
        this.clock = clock;
        topics = new Topics(config.namespace(), config.partitions(), new AvroSerdes(registry));
        liveFrom = config.time()
                .liveFrom()
                .orElseThrow(() ->
                        new SettingsException("time.live-from is not set in the streams app's configuration: say when"
                                + " the platform goes live; events before that are history"));
    }

    /**
     * A log to load.
     *
     * @param sourceTopic where to; null for the only source of its kind
     * @throws io.livepredict.deploy.replay.LogException if it can't be read
     * @throws SettingsException if it does not fit the configuration
     */
    public Log open(Path file, MappingSettings mapping, @Nullable String sourceTopic) {
        Kind kind = mapping.kind();
        if (!config.kinds().active().contains(kind)) {
            throw new SettingsException("the mapping makes events of kind " + kind.id()
                    + ", for which the configuration has no target: nothing would be learned from them");
        }
        String undeclared = mapping.undeclared(config.kinds().definition(kind).eventTypes());
        if (undeclared != null) {
            throw new SettingsException(undeclared);
        }
        Source source = source(kind, sourceTopic);
        if (source.format() != Source.Format.CANONICAL) {
            throw new SettingsException(
                    "source " + source.topic() + " has records in your own form, and a log becomes canonical"
                            + " events: add a source with kind: " + kind.id()
                            + " and no mapping, load into it, or write the log"
                            + " to " + source.topic() + " yourself and run this with --in-place " + source.topic());
        }
        Recording recording = new Recording(file, mapping, Long.MAX_VALUE);
        LogSpan beginning = recording.beginning();
        String hint = beginning.hint();
        if (hint != null) {
            recording.close();
            throw new SettingsException(file + ": the log begins with " + beginning.words() + ": " + hint);
        }
        Path name = file.getFileName();
        return new Log(source, recording, name == null ? file.toString() : name.toString());
    }

    /** History that is in a source topic already: it is only waited for. */
    public Log inPlace(String sourceTopic) {
        Source source = config.sources().stream()
                .filter(each -> each.topic().equals(sourceTopic))
                .findFirst()
                .orElseThrow(() -> noSource(sourceTopic));
        return new Log(source, null, sourceTopic);
    }

    private Source source(Kind kind, @Nullable String topic) {
        List<Source> fitting = config.sources(kind).stream()
                .filter(source -> topic == null
                        ? source.format() == Source.Format.CANONICAL
                                || config.sources(kind).size() == 1
                        : source.topic().equals(topic))
                .toList();
        if (fitting.isEmpty() && topic != null) {
            throw noSource(topic);
        }
        if (fitting.size() != 1) {
            throw new SettingsException(
                    "which source gets the log? Say --source TOPIC, one of " + names(config.sources(kind)));
        }
        return fitting.get(0);
    }

    private SettingsException noSource(String topic) {
        return new SettingsException(topic + " is no source of that kind in the configuration; there are "
                + names(config.sources()) + Settings.didYouMean(topic, names(config.sources())));
    }

    private static List<String> names(List<Source> sources) {
        return sources.stream().map(Source::topic).toList();
    }

    /**
     * What is loaded where.
     *
     * @param source the topic it goes to
     * @param recording null for history that is there already
     * @param name of the log
     */
    public record Log(Source source, @Nullable Recording recording, String name) implements AutoCloseable {
        @Override
        public void close() {
            if (recording != null) {
                recording.close();
            }
        }
    }

    /** When the platform goes live. */
    public Instant liveFrom() {
        return liveFrom;
    }

    /** How far ahead of the streams app a load may be: of event time too where features of the room or match are made. */
    public Ahead ahead(long events) {
        return new Ahead(
                events, config.contextFeatures() ? config.contextSlack().toMillis() / 2 : Long.MAX_VALUE);
    }

    /**
     * Loads it, until history is complete or it is told to stop.
     *
     * @param stopping asked all the time
     * @throws LoadException if it can't go on
     */
    public Result run(Log log, Ahead ahead, BooleanSupplier stopping, Listener listener) {
        Source source = log.source();
        String rekeyed = new NodeNames(source.kind()).repartitionTopic(config.applicationId(), source.topic());
        String examples = topics.labelledExamples(source.kind()).name();
        Map<String, Integer> partitions =
                TopicSetup.partitions(config.kafka(), Set.of(source.topic(), rekeyed, examples));
        for (String needed : List.of(source.topic(), examples)) {
            if (!partitions.containsKey(needed)) {
                throw new LoadException("topic " + needed
                        + " does not exist; create it with: streams-app topics --config FILE --create");
            }
        }
        String name = config.namespace().name("load-" + source.topic());
        Map<String, Object> consumer = config.kafka().consumer(name);
        try (Admin admin = Admin.create(config.kafka().client(name));
                CommittedProgress app = progress(config.applicationId(), consumer);
                CommittedProgress trainer = progress(
                        config.namespace().name("trainer-" + source.kind().id()), consumer);
                LoadJournal journal = new LoadJournal(
                        config.kafka().producer(name), consumer, name, canonical(source), topics.loads(), clock)) {
            return new HistoryLoad(
                            new History(
                                    log.recording(),
                                    log.name(),
                                    liveFrom.toEpochMilli(),
                                    config.time().grace().toMillis()),
                            journal,
                            (events, reached) -> new AppProgress(admin, config.applicationId(), events, reached),
                            new Readers(
                                    app,
                                    all(source.topic(), partitions),
                                    source.rekey() ? all(rekeyed, partitions) : List.of(),
                                    () -> checkBuckets(source),
                                    trainer,
                                    all(examples, partitions)),
                            ahead,
                            clock,
                            stopping,
                            listener)
                    .run();
        }
    }

    private void checkBuckets(Source source) {
        if (config.contextFeatures()) {
            String changelog = new NodeNames(source.kind()).historyLookupsChangelog(config.applicationId());
            MissingBuckets.check(
                    MissingBuckets.count(config.kafka().client(changelog + "-load"), changelog), mostMissing);
        }
    }

    private CommittedProgress progress(String group, Map<String, Object> consumer) {
        CommittedProgress progress = new CommittedProgress(
                Admin.create(config.kafka().client(group + "-load")),
                CommittedProgress.probes(consumer),
                group,
                LOOK_EVERY,
                clock);
        progress.start();
        return progress;
    }

    private Topic<String, CanonicalEvent> canonical(Source source) {
        Topic<String, CanonicalEvent> shipped = topics.events(source.kind());
        return Topic.kept(
                source.topic(),
                shipped.key(),
                shipped.value(),
                shipped.partitions(),
                shipped.retentionMillis(),
                shipped.maxMessageBytes());
    }

    private static List<TopicPartition> all(String topic, Map<String, Integer> partitions) {
        return IntStream.range(0, partitions.getOrDefault(topic, 0))
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    /** What people should know of a result, a line each. */
    public List<String> remarks(Log log, Result result) {
        List<String> lines = new ArrayList<>();
        if (result.live() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%,d events at or after time.live-from were left out: they are live, their producers send them",
                    result.live()));
        }
        if (result.late() > 0) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%,d events come more than time.grace (%s) after a newer one and may be LATE: say sort in the mapping",
                    result.late(),
                    DurationFormat.format(config.time().grace())));
        }
        if (log.recording() != null && !log.recording().leftOut().isEmpty()) {
            lines.add(
                    "rows that made no event: " + new TreeMap<>(log.recording().leftOut()));
        }
        Duration gap = Duration.ofMillis(liveFrom.toEpochMilli() - result.reachedMillis());
        if (result.sent() > 0 && gap.compareTo(Duration.ofDays(1)) > 0) {
            lines.add("the log ends " + gap.toDays()
                    + " days before time.live-from: labels of these days will say that nothing" + " happened");
        }
        return lines;
    }
}
