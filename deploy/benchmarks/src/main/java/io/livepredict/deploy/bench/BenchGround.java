package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.EmbeddedBroker;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.RegistrySettings;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TargetSettingsBuilder;
import io.livepredict.streams.config.Preset;
import io.livepredict.streams.config.StreamsAppConfig;
import io.livepredict.streams.config.StreamsAppConfig.StoreType;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.config.StreamsProperties;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.output.RowSchema;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.topics.TopicReader;
import io.livepredict.topics.TopicSetup;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.config.TrainerConfig;
import io.livepredict.trainer.config.TrainerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.jspecify.annotations.Nullable;

/** One embedded broker in this process, a registry, a folder for state, and what flows on it are configured with. */
final class BenchGround implements AutoCloseable {
    static final int PARTITIONS = 4;
    private static final Duration GRACE = Duration.ofSeconds(3);
    /** The flows get their registry in this process; the settings ask for an address all the same. */
    private static final String NOWHERE = "http://none.invalid:9";

    final EmbeddedBroker broker;
    final KafkaSettings kafka;
    final Admin admin;
    final InProcessRegistry registry = new InProcessRegistry();
    final AvroSerdes serdes = new AvroSerdes(registry);
    private final Path directory;

    BenchGround() throws IOException {
        directory = Files.createTempDirectory("livepredict-bench");
        broker = EmbeddedBroker.start(EmbeddedBroker.Options.throwaway());
        kafka = KafkaSettings.of(broker.bootstrapServers());
        admin = Admin.create(kafka.client("bench-admin"));
    }

    /** The topics of a namespace; these serdes write what goes there. */
    Topics topics(String namespace, io.livepredict.contract.SerdeSource writing) {
        return new Topics(new Namespace(namespace), PARTITIONS, writing);
    }

    /** Makes the topics that a flow reads and writes. */
    void create(Topics topics) {
        List<Topic<?, ?>> wanted = new ArrayList<>(List.of(
                topics.events(Kind.VIEWER), topics.events(Kind.PLAYER), topics.predictions(), topics.deadLetters()));
        for (Kind kind : Kind.values()) {
            wanted.add(topics.labelledExamples(kind));
        }
        wanted.add(topics.predictionRows(
                new RowSchema(SimulatedRun.Meaning.read().resolve().targets()).schema()));
        TopicSetup.ensure(admin, wanted, 1);
    }

    /** Deletes every topic of a namespace, so that old runs take no room. */
    void delete(String namespace) throws ExecutionException, InterruptedException {
        Set<String> names = admin.listTopics().names().get().stream()
                .filter(name -> name.startsWith(namespace + '.'))
                .collect(Collectors.toSet());
        admin.deleteTopics(names).all().get();
    }

    /** The ends of a namespace's event topics. */
    Map<TopicPartition, Long> ends(Topics topics) throws ExecutionException, InterruptedException {
        return TopicPositions.of(
                        admin,
                        List.of(
                                topics.events(Kind.VIEWER).name(),
                                topics.events(Kind.PLAYER).name()))
                .offsets();
    }

    /**
     * What the streams app runs with on the simulated platform and its shipped targets.
     *
     * @param events whose topics the events are read from
     * @param threads stream threads
     * @param replay whether event times are of the past
     */
    StreamsAppSettings streams(Topics events, Preset preset, StoreType store, int threads, boolean replay) {
        return streams(events, preset, store, threads, replay, Outputs.FLAT);
    }

    /** In which form predictions leave. */
    enum Outputs {
        FLAT,
        WIDE,
        /** Flat, and only predictions that say something new. */
        POLICY
    }

    /** The same, with predictions in another form. */
    StreamsAppSettings streams(
            Topics events, Preset preset, StoreType store, int threads, boolean replay, Outputs outputs) {
        return streams(events, preset, store, threads, replay, outputs, false);
    }

    /** The same, re-keyed or not. */
    StreamsAppSettings streams(
            Topics events,
            Preset preset,
            StoreType store,
            int threads,
            boolean replay,
            Outputs outputs,
            boolean rekey) {
        SimulatedRun.Meaning meaning = SimulatedRun.Meaning.read();
        List<TargetSettings> targets = outputs == Outputs.POLICY
                ? meaning.targets().stream().map(BenchGround::withPolicy).toList()
                : meaning.targets();
        return StreamsAppConfig.builder(
                        kafka,
                        RegistrySettings.of(NOWHERE),
                        targets,
                        new StreamsAppConfig.Models(List.of(Path.of("none"))))
                .kinds(meaning.kinds())
                .sources(Arrays.stream(Kind.values())
                        .map(kind -> new StreamsAppConfig.SourceEntry(
                                events.events(kind).name(), kind, Source.Format.CANONICAL, null, null, rekey, null))
                        .toList())
                .predictions(
                        outputs == Outputs.WIDE
                                ? new StreamsAppConfig.Predictions(StreamsAppConfig.Layout.WIDE, null, false)
                                : null)
                .preset(preset)
                .state(StreamsAppConfig.State.in(store))
                .threads(threads)
                .time(replay ? StreamsAppConfig.Time.ofReplay(GRACE) : StreamsAppConfig.Time.withGrace(GRACE))
                .build()
                .resolve();
    }

    private static TargetSettings withPolicy(TargetSettings target) {
        return TargetSettingsBuilder.builder(target)
                .emit(new TargetSettings.Emit(0.02, null, null))
                .build();
    }

    /** What the trainer runs with: one network as it is served by default. */
    TrainerSettings trainer() {
        SimulatedRun.Meaning meaning = SimulatedRun.Meaning.read();
        return TrainerConfig.builder(kafka, RegistrySettings.of(NOWHERE), meaning.targets(), Path.of("none"))
                .kinds(meaning.kinds())
                .learners(List.of(LearnerEntry.builder(LearnerEntry.Family.MLP)
                        .hidden(List.of(64, 32))
                        .learningRate(0.003)
                        .build()))
                .drift(TrainerConfig.Drift.off())
                .build()
                .resolve();
    }

    /** The properties that the app would run with, under a name of its own. */
    Properties properties(StreamsAppSettings config, String applicationId) {
        Properties properties = new Properties();
        properties.putAll(StreamsProperties.of(config));
        properties.put("application.id", applicationId);
        properties.put("client.id", applicationId);
        properties.put("replication.factor", "1");
        properties.put("state.dir", directory.resolve("state").toString());
        return properties;
    }

    /** Settings of a producer of events. */
    Map<String, Object> producer() {
        return new HashMap<>(kafka.producer("bench-events"));
    }

    /** What a flow wrote for one kind: how much of it, and the first so many records. */
    PassThroughFlow.Sample sample(Topics topics, Kind kind, long events, int kept, boolean withState) {
        List<Prediction> predictions = new ArrayList<>();
        List<LabelledExample> examples = new ArrayList<>();
        long[] counts = new long[2];
        TopicReader.readToEnd(kafka.consumer("bench-sample"), topics.predictions(), (key, value) -> {
            if (value != null && value.getKind().equals(kind.id()) && counts[0]++ < kept) {
                predictions.add(value);
            }
        });
        TopicReader.readToEnd(kafka.consumer("bench-sample"), topics.labelledExamples(kind), (key, value) -> {
            if (value != null && counts[1]++ < kept) {
                examples.add(value);
            }
        });
        Map<String, PassThroughFlow.Changes> changes = new TreeMap<>();
        NodeNames names = new NodeNames(kind);
        for (String store :
                withState ? List.of(names.activity(), names.pendingStore(), names.openStore()) : List.<String>of()) {
            changes.put(store, changes(topics.namespace(), store, kept));
        }
        return new PassThroughFlow.Sample(events, counts[0], counts[1], predictions, examples, changes);
    }

    /** What a flow of ours in that namespace wrote to a store. */
    private PassThroughFlow.Changes changes(Namespace namespace, String store, int kept) {
        Topic<Bytes, byte[]> changelog = Topic.compacted(
                applicationId(namespace.value()) + '-' + store + "-changelog",
                Serdes.Bytes(),
                Serdes.ByteArray(),
                PARTITIONS,
                1 << 20);
        List<KeyValue<Bytes, byte @Nullable []>> some = new ArrayList<>();
        long[] all = new long[1];
        TopicReader.readToEnd(kafka.consumer("bench-sample"), changelog, (key, value) -> {
            if (all[0]++ < kept) {
                some.add(new KeyValue<>(key, value));
            }
        });
        return new PassThroughFlow.Changes(all[0], some);
    }

    /** Of the app whose results go to a namespace. */
    static String applicationId(String namespace) {
        return namespace + ".streams";
    }

    @Override
    public void close() {
        admin.close();
        broker.close();
        registry.close();
        try (var files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
