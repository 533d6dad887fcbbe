package io.livepredict.streams.outcome;

import io.livepredict.avro.Alert;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Target;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.activity.ActivityCounters;
import io.livepredict.streams.activity.ActivityProcessor;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.context.ContextFlow;
import io.livepredict.streams.context.ContextReader;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.IngestedEvent;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.outlook.OutlookFlow;
import io.livepredict.streams.outlook.OutlookView;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.MicroBatchProcessor;
import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.score.ScoreCounters;
import io.livepredict.streams.score.ScoreOrigins;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringModel;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import io.livepredict.streams.time.InputProgress;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.TaskInput;
import io.livepredict.streams.time.TimeSettings;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;

/** Activity, score and outcome, driven event by event, with a model whose scores depend on every feature. */
public final class Loop implements AutoCloseable {
    static final ModelIdentity MODEL = new ModelIdentity("viewer", 7, "ab".repeat(32));

    final AtomicLong clock = new AtomicLong(1_700_000_000_000L);
    final Counts counts = new Counts();
    /** What the brokers would say; here nothing ever waits, unless a test says otherwise. */
    InputProgress progress = InputProgress.synchronous(clock::get);

    /** Whether all history is in. */
    boolean loaded;

    final List<Prediction> predictions = new ArrayList<>();
    final List<LabelledExample> examples = new ArrayList<>();
    final List<GenericRecord> rows = new ArrayList<>();
    final List<Alert> alerts = new ArrayList<>();
    final List<Record<?, ?>> deadLetters = new ArrayList<>();

    public final FeatureSchema schema;
    /** Numbers of the rows that the model cannot score. */
    final Set<Integer> failing = new HashSet<>();

    private final List<Event> events = new ArrayList<>();
    private final Topic<String, Outlook> outlooks;
    private final OutlookView view;
    private final TopologyTestDriver driver;
    private final TestInputTopic<String, byte[]> input;

    /** How often each thing was reported. */
    static final class Counts implements ActivityCounters, OutcomeCounters {
        final AtomicInteger added = new AtomicInteger();
        final AtomicInteger looked = new AtomicInteger();
        final AtomicInteger repeated = new AtomicInteger();
        final AtomicInteger late = new AtomicInteger();
        final AtomicInteger heldBack = new AtomicInteger();
        final AtomicInteger stayDropped = new AtomicInteger();
        final AtomicInteger expired = new AtomicInteger();
        final AtomicInteger unreadable = new AtomicInteger();
        final AtomicInteger converted = new AtomicInteger();
        final AtomicInteger predicted = new AtomicInteger();
        final List<OutputGate.Withheld> withheld = new ArrayList<>();
        final AtomicInteger snapshots = new AtomicInteger();
        final AtomicInteger refused = new AtomicInteger();
        /** By alert, group and whether its target came true. */
        final Map<String, Integer> outcomes = new TreeMap<>();

        final AtomicInteger notRaised = new AtomicInteger();
        final AtomicInteger notFollowed = new AtomicInteger();
        final AtomicInteger labelled = new AtomicInteger();
        final AtomicInteger targetChanged = new AtomicInteger();

        @Override
        public void added() {
            added.incrementAndGet();
        }

        @Override
        public void looked() {
            looked.incrementAndGet();
        }

        @Override
        public void repeated() {
            repeated.incrementAndGet();
        }

        @Override
        public void late() {
            late.incrementAndGet();
        }

        @Override
        public void heldBack() {
            heldBack.incrementAndGet();
        }

        @Override
        public void stayDropped() {
            stayDropped.incrementAndGet();
        }

        @Override
        public void expired() {
            expired.incrementAndGet();
        }

        @Override
        public void unreadable() {
            unreadable.incrementAndGet();
        }

        @Override
        public void converted() {
            converted.incrementAndGet();
        }

        @Override
        public void predicted(Target target) {
            predicted.incrementAndGet();
        }

        @Override
        public void withheld(Target target, OutputGate.Withheld why) {
            withheld.add(why);
        }

        @Override
        public void notRaised(String alert) {
            notRaised.incrementAndGet();
        }

        @Override
        public void notFollowed(String alert) {
            notFollowed.incrementAndGet();
        }

        @Override
        public void outcome(String alert, boolean heldOut, boolean happened) {
            outcomes.merge(alert + ' ' + heldOut + ' ' + happened, 1, Integer::sum);
        }

        @Override
        public void snapshot() {
            snapshots.incrementAndGet();
        }

        @Override
        public void refused() {
            refused.incrementAndGet();
        }

        @Override
        public void labelled(Target target, double label) {
            labelled.incrementAndGet();
        }

        @Override
        public void targetChanged() {
            targetChanged.incrementAndGet();
        }
    }

    Loop(KindDefinition definition, List<Target> targets, TimeSettings time, OutcomeSettings settings) {
        this(definition, targets, time, settings, new HashMap<>(), false);
    }

    /**
     * A loop.
     *
     * @param stores contents by store name, found as a restart would find them, and changed
     * @param contexts whether with context features
     */
    public Loop(
            KindDefinition definition,
            List<Target> targets,
            TimeSettings time,
            OutcomeSettings settings,
            Map<String, NavigableMap<Bytes, byte[]>> stores,
            boolean contexts) {
        this(
                definition,
                targets,
                time,
                OutputSettings.plain().through(OutputGate.of(time, false, Optional.empty())),
                settings,
                stores,
                contexts);
    }

    Loop(
            KindDefinition definition,
            List<Target> targets,
            TimeSettings time,
            OutputSettings outputs,
            OutcomeSettings settings,
            Map<String, NavigableMap<Bytes, byte[]>> stores,
            boolean contexts) {
        KindSetup setup = new KindSetup(
                definition,
                // So little that entities are pushed out all the time.
                new StateStores(name -> LastingStore.supplier(name, stores), new RecentValues.Budget(4_096)),
                clock::get);
        NodeNames names = setup.names();
        Topics topics = new Topics(new Namespace("loop"), 1, new AvroSerdes(new InProcessRegistry()));
        ContextFlow context =
                new ContextFlow(setup, topics, 1, Duration.ofMinutes(10), time.liveFromMillis(), counts::unreadable);
        schema = contexts
                ? FeatureDefinitions.schema(definition, ContextReader.features(definition))
                : FeatureDefinitions.schema(definition);
        Topology topology = new Topology();
        topology.addSource("source", "events");
        ProcessorSupplier<String, byte[], String, IngestedEvent> ingest = () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<String, byte[]> record) {
                Event event = events.get(ByteBuffer.wrap(record.value()).getInt());
                byte[] key = event.entityId().getBytes(StandardCharsets.UTF_8);
                context()
                        .forward(record.withValue(new IngestedEvent(
                                event, new SourceRecord(key, record.value(), "events", 0, 0, record.timestamp()))));
            }
        };
        topology.addProcessor("ingest", ingest, "source");
        topology.addProcessor(
                names.activity(),
                new ActivityProcessor.Wiring(
                                setup,
                                time,
                                new TaskInput(List.of("events"), Map.of()),
                                asked(),
                                counts,
                                contexts ? Optional.of(context.access()) : Optional.empty(),
                                false)
                        .supplier(),
                "ingest");
        topology.addProcessor(
                names.score(),
                new MicroBatchProcessor.Wiring(
                                setup,
                                schema,
                                targets,
                                new ScoreSettings(4, null, ScoreSettings.Explain.NEVER),
                                new ActiveModel(new SummingModel(targets, failing)),
                                ScoreCounters.none(),
                                false)
                        .supplier(),
                names.activity());
        topology.addProcessor(
                names.outcome(),
                new OutcomeProcessor.Wiring(setup, schema, targets, settings, outputs, 0, counts).supplier(),
                names.score());
        if (outputs.flat()) {
            topology.addProcessor(
                    names.predictions(),
                    capture(value -> predictions.add((Prediction) value.value())),
                    names.outcome());
        }
        if (outputs.rows().isPresent()) {
            topology.addProcessor(
                    names.predictionRows(), capture(value -> rows.add((GenericRecord) value.value())), names.outcome());
        }
        if (!outputs.alerts().isEmpty()) {
            topology.addProcessor(names.alerts(), capture(value -> alerts.add((Alert) value.value())), names.outcome());
        }
        topology.addProcessor(
                names.labelledExamples(),
                capture(value -> examples.add((LabelledExample) value.value())),
                names.outcome());
        topology.addProcessor(names.deadLetters(), capture(deadLetters::add), names.activity(), names.score());
        if (contexts) {
            context.addTo(topology);
        }
        outlooks = topics.outlook();
        view = new OutlookView(definition, targets);
        outputs.presentFor()
                .ifPresent(presentFor -> new OutlookFlow(
                                setup, topics, targets, presentFor, 1, outputs.gate(), counts::unreadable)
                        .addTo(topology));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "loop");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:1");
        properties.put(
                StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.String().getClass());
        properties.put(
                StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG,
                Serdes.ByteArray().getClass());
        driver = new TopologyTestDriver(topology, properties, Instant.ofEpochMilli(clock.get()));
        input = driver.createInputTopic("events", new StringSerializer(), new ByteArraySerializer());
    }

    private InputProgress asked() {
        return new InputProgress() {
            @Override
            public Known known(TopicPartition source) {
                return progress.known(source);
            }

            @Override
            public boolean isLoaded(String topic) {
                return loaded;
            }
        };
    }

    private static ProcessorSupplier<Object, Object, Void, Void> capture(
            java.util.function.Consumer<Record<?, ?>> sink) {
        return () -> new ContextualProcessor<>() {
            @Override
            public void process(Record<Object, Object> record) {
                sink.accept(record);
            }
        };
    }

    public void pipe(Iterable<Event> some) {
        for (Event event : some) {
            events.add(event);
            input.pipeInput(
                    event.entityId(),
                    ByteBuffer.allocate(4).putInt(events.size() - 1).array(),
                    clock.get());
        }
    }

    /** Time goes by and the thread looks about it as it does. */
    void advance(Duration wallClock) {
        for (long left = wallClock.toMillis(); left > 0; left -= 500) {
            stall(Duration.ofMillis(Math.min(500, left)));
        }
    }

    /** Time goes by in which the thread does nothing. */
    void stall(Duration wallClock) {
        clock.addAndGet(wallClock.toMillis());
        driver.advanceWallClockTime(wallClock);
    }

    /** What was written to the outlook since it was last asked. */
    List<Outlook> outlook() {
        return driver.createOutputTopic(
                        outlooks.name(),
                        outlooks.key().deserializer(),
                        outlooks.value().deserializer())
                .readValuesToList();
    }

    /** The rooms as whoever asks sees them. */
    List<OutlookView.Room> rooms() {
        NodeNames names = new NodeNames(Kind.VIEWER);
        KeyValueStore<String, byte[]> present = driver.getKeyValueStore(names.outlookPresent());
        return present == null ? List.of() : view.rooms(new OutlookView.Stores(store(names.outlookMerge()), present));
    }

    /** A commit: rows that wait are scored and what waits for a commit is stored. */
    void settle() {
        driver.advanceWallClockTime(Duration.ZERO);
    }

    KeyValueStore<Bytes, byte[]> store(String name) {
        return driver.getKeyValueStore(name);
    }

    @Override
    public void close() {
        driver.close();
    }

    /** Scores are a hash of all features, so that any difference shows. */
    /** By target whether the model has no head for it. */
    private boolean[] byPrior = new boolean[0];

    /** Says of the model that it has no head for these targets. */
    void servePrior(boolean... targets) {
        byPrior = targets;
    }

    private final class SummingModel implements ScoringModel {
        private final int targets;
        private final Set<Integer> failing;

        SummingModel(List<Target> targets, Set<Integer> failing) {
            this.targets = targets.size();
            this.failing = failing;
        }

        @Override
        public ModelIdentity identity() {
            return MODEL;
        }

        @Override
        public ScoreOrigins origins() {
            return new ScoreOrigins(MODEL, byPrior);
        }

        @Override
        public boolean explains() {
            return false;
        }

        @Override
        public Scorer newScorer(int maxRows, DirectBuffers buffers) {
            return new Scorer() {
                @Override
                public void score(FeatureVector[] rows, int count, float[] into) {
                    for (int i = 0; i < count; i++) {
                        int hash = rows[i].hashCode();
                        for (int t = 0; t < targets; t++) {
                            boolean fails = failing.contains(scored.size());
                            into[i * targets + t] = fails ? Float.NaN : (hash >>> t & 0xFFFF) / 65536f;
                        }
                        scored.add(bytes(rows[i]));
                    }
                }

                @Override
                public List<List<List<Reason>>> explain(FeatureVector[] rows, int count) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void close() {}
    }

    /** The vectors that were scored, in order. */
    public final List<byte[]> scored = new ArrayList<>();

    static byte[] bytes(FeatureVector vector) {
        byte[] dense = FeatureVector.bytes(vector.dense);
        byte[] types = FeatureVector.bytes(vector.sequenceTypes);
        byte[] gaps = FeatureVector.bytes(vector.sequenceGaps);
        byte[] ids = FeatureVector.bytes(vector.ids);
        byte[] all = Arrays.copyOf(dense, dense.length + types.length + gaps.length + ids.length);
        System.arraycopy(types, 0, all, dense.length, types.length);
        System.arraycopy(gaps, 0, all, dense.length + types.length, gaps.length);
        System.arraycopy(ids, 0, all, dense.length + types.length + gaps.length, ids.length);
        return all;
    }

    /** The same bytes as {@link #bytes} of the vector in an example. */
    static byte[] bytes(LabelledExample example) {
        ByteBuffer all = ByteBuffer.allocate(example.getDense().remaining()
                + example.getSequenceTypes().remaining()
                + example.getSequenceGaps().remaining()
                + example.getIds().remaining());
        all.put(example.getDense().duplicate())
                .put(example.getSequenceTypes().duplicate())
                .put(example.getSequenceGaps().duplicate())
                .put(example.getIds().duplicate());
        return all.array();
    }
}
