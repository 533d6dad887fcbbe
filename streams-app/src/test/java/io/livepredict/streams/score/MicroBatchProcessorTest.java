package io.livepredict.streams.score;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.DeadLetterReason;
import io.livepredict.contract.DeadLetters;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.streams.activity.ActivityOutput;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.ingest.Event;
import io.livepredict.streams.ingest.IngestedEvent;
import io.livepredict.streams.ingest.SourceRecord;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.step.StateStores;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** One input record becomes many rows here, so that a batch fills before the driver commits. */
class MicroBatchProcessorTest {
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final FeatureSchema SCHEMA = FeatureDefinitions.schema(DEFINITION);
    private static final int CHAT = DEFINITION.eventTypes().indexOf("CHAT");
    private static final int LEAVE = DEFINITION.eventTypes().indexOf("LEAVE");
    private static final Target LEAVES = target(Target.Outcome.ANY_OF);
    /** Any number is right for it. */
    private static final Target SPENT = target(Target.Outcome.SUM_OF);

    private static Target target(Target.Outcome outcome) {
        return TargetBuilder.builder()
                .name("leave-30s")
                .kind(Kind.VIEWER)
                .outcome(outcome)
                .eventTypes(Set.of("LEAVE"))
                .number(outcome == Target.Outcome.SUM_OF ? "value" : null)
                .within(Duration.ofSeconds(30))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("CHAT"))
                .snapshotOn(Set.of("CHAT"))
                .atMostEvery(Duration.ZERO)
                .prior(0.5)
                .build();
    }

    /** A row scores its first feature; what it must not see is refused as the test says. */
    private static final class FirstFeature implements ScoringModel {
        final List<Integer> batches = new ArrayList<>();
        final long version;
        final long lastExampleEmittedAtMillis;
        float poison = -1;
        float nan = -2;

        FirstFeature(long version) {
            this(version, 0);
        }

        FirstFeature(long version, long lastExampleEmittedAtMillis) {
            this.version = version;
            this.lastExampleEmittedAtMillis = lastExampleEmittedAtMillis;
        }

        @Override
        public ModelIdentity identity() {
            return new ModelIdentity("viewer", version, "hash");
        }

        @Override
        public ScoreOrigins origins() {
            return new ScoreOrigins(identity());
        }

        @Override
        public long lastExampleEmittedAtMillis() {
            return lastExampleEmittedAtMillis;
        }

        @Override
        public boolean explains() {
            return false;
        }

        @Override
        public Scorer newScorer(int maxRows, DirectBuffers buffers) {
            return new Scorer() {
                @Override
                public void score(FeatureVector[] rows, int count, float[] into) throws ScoringException {
                    batches.add(count);
                    for (int row = 0; row < count; row++) {
                        if (rows[row].dense[0] == poison) {
                            throw new ScoringException("poison in a batch of " + count);
                        }
                        into[row] = rows[row].dense[0] == nan ? Float.NaN : rows[row].dense[0];
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

    private static final class Rig implements AutoCloseable {
        final FirstFeature model = new FirstFeature(1);
        final ActiveModel active = new ActiveModel(model, 100);
        final List<String> outcome = new ArrayList<>();
        final List<String> letters = new ArrayList<>();
        final List<String> causes = new ArrayList<>();
        final List<Long> learningLags = new ArrayList<>();
        private final FeatureVector reused = new FeatureVector(SCHEMA);
        private final TopologyTestDriver driver;
        private List<@Nullable Integer> next = List.of();

        Rig(int batchSize, @Nullable Duration flushAfter) {
            this(batchSize, flushAfter, SPENT);
        }

        Rig(int batchSize, @Nullable Duration flushAfter, Target target) {
            Topology topology = new Topology();
            topology.addSource(
                    "source", Serdes.String().deserializer(), Serdes.String().deserializer(), "in");
            topology.addProcessor("rows", this::rows, "source");
            ScoreCounters counters = new ScoreCounters() {
                @Override
                public void batch(int rows, long nanos, FlushCause cause) {
                    causes.add(cause + " " + rows);
                }

                @Override
                public void latency(long millis) {}

                @Override
                public void learningLag(long millis) {
                    learningLags.add(millis);
                }

                @Override
                public void failed() {}

                @Override
                public void explained(int rows) {}
            };
            KindSetup setup = new KindSetup(
                    DEFINITION,
                    new StateStores(Stores::inMemoryKeyValueStore, new RecentValues.Budget(0)),
                    () -> 1_000);
            NodeNames names = setup.names();
            topology.addProcessor(
                    names.score(),
                    new MicroBatchProcessor.Wiring(
                                    setup,
                                    SCHEMA,
                                    List.of(target),
                                    new ScoreSettings(batchSize, flushAfter, ScoreSettings.Explain.NEVER),
                                    active,
                                    counters,
                                    false)
                            .supplier(),
                    "rows");
            topology.addProcessor(names.outcome(), () -> collector(outcome), names.score());
            topology.addProcessor(names.deadLetters(), () -> collector(letters), names.score());
            Properties properties = new Properties();
            properties.put("application.id", "rig");
            properties.put("bootstrap.servers", "nowhere:1");
            driver = new TopologyTestDriver(topology, properties, Instant.EPOCH);
        }

        /** Null is news of the watermark; a negative number an event at which nothing is predicted. */
        void pipe(@Nullable Integer... rows) {
            next = java.util.Arrays.asList(rows);
            driver.createInputTopic(
                            "in", Serdes.String().serializer(), Serdes.String().serializer())
                    .pipeInput("k", "v");
        }

        private Processor<String, String, String, ActivityOutput> rows() {
            return new ContextualProcessor<>() {
                @Override
                public void process(Record<String, String> record) {
                    for (Integer row : next) {
                        ActivityOutput out;
                        if (row == null) {
                            out = new ActivityOutput.LabelTimeAdvance(5);
                        } else {
                            reused.dense[0] = row;
                            Event event = Event.of("v")
                                    .context("r")
                                    .id("e" + row)
                                    .at(row)
                                    .type(row < 0 ? LEAVE : CHAT)
                                    .build();
                            SourceRecord source =
                                    new SourceRecord(bytes("k"), bytes("value-" + row), "in", 3, 100 + row, 500);
                            out = new ActivityOutput.FeatureRow(new IngestedEvent(event, source), row, 4, reused);
                        }
                        context().forward(record.withValue(out));
                    }
                }
            };
        }

        private Processor<Object, Object, Void, Void> collector(List<String> into) {
            return new ContextualProcessor<>() {
                @Override
                public void process(Record<Object, Object> record) {
                    String offset = context()
                            .recordMetadata()
                            .map(m -> m.topic() + m.offset())
                            .orElse("nowhere");
                    into.add(
                            switch (record.value()) {
                                case ScoreOutput.ScoredRow row ->
                                    row.event().eventId() + "="
                                            + (row.scores() == null ? "none" : row.scores()[0]) + " v"
                                            + row.origins().model().version() + " " + row.vector().dense[0] + " "
                                            + offset;
                                case ScoreOutput.LabelTimeAdvance advance -> "watermark " + advance.labelTimeMillis();
                                case byte[] value ->
                                    new String(value, StandardCharsets.UTF_8) + " "
                                            + new String(
                                                    record.headers()
                                                            .lastHeader(DeadLetters.REASON)
                                                            .value(),
                                                    StandardCharsets.UTF_8)
                                            + " "
                                            + new String(
                                                    record.headers()
                                                            .lastHeader(DeadLetters.OFFSET)
                                                            .value(),
                                                    StandardCharsets.UTF_8);
                                default -> throw new AssertionError(record.value());
                            });
                }
            };
        }

        @Override
        public void close() {
            driver.close();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void shouldScoreAFullBatchAtOnceAndTheRestBeforeTheCommitInTheOrderTheyCame() {
        try (Rig rig = new Rig(4, null)) {
            rig.pipe(1, 2, 3, 4, 5, 6);
            assertThat(rig.model.batches).containsExactly(4, 2);
            assertThat(rig.causes).containsExactly("FULL 4", "COMMIT 2");
            assertThat(rig.outcome)
                    .containsExactly(
                            "e1=1.0 v1 1.0 in0",
                            "e2=2.0 v1 2.0 in0",
                            "e3=3.0 v1 3.0 in0",
                            "e4=4.0 v1 4.0 in0",
                            "e5=5.0 v1 5.0 in0",
                            "e6=6.0 v1 6.0 in0");
        }
    }

    @Test
    void shouldKeepTheRecordContextOfEachRowAcrossInputRecords() {
        try (Rig rig = new Rig(4, null)) {
            rig.pipe(1);
            rig.pipe(2);
            assertThat(rig.outcome).containsExactly("e1=1.0 v1 1.0 in0", "e2=2.0 v1 2.0 in1");
        }
    }

    @Test
    void shouldPassTheWatermarkAndUnpredictedEventsThroughInTheirPlaceWithoutScoringThem() {
        try (Rig rig = new Rig(16, null)) {
            rig.pipe(1, null, -7, 2);
            assertThat(rig.model.batches).containsExactly(2);
            assertThat(rig.outcome)
                    .containsExactly("e1=1.0 v1 1.0 in0", "watermark 5", "e-7=none v1 -7.0 in0", "e2=2.0 v1 2.0 in0");
            assertThat(rig.letters).isEmpty();
        }
    }

    @Test
    void shouldScoreAFailedBatchRowByRowAndDeadLetterOnlyTheRowThatFails() {
        try (Rig rig = new Rig(8, null)) {
            rig.model.poison = 2;
            rig.pipe(1, 2, 3);
            assertThat(rig.model.batches).containsExactly(3, 1, 1, 1);
            assertThat(rig.outcome).containsExactly("e1=1.0 v1 1.0 in0", "e2=none v1 2.0 in0", "e3=3.0 v1 3.0 in0");
            assertThat(rig.letters).containsExactly("value-2 " + DeadLetterReason.SCORING_FAILED + " 102");
            rig.pipe(4);
            assertThat(rig.outcome).last().isEqualTo("e4=4.0 v1 4.0 in1");
        }
    }

    @Test
    void shouldDeadLetterARowWhoseScoreIsNoNumberAndKeepTheOthers() {
        try (Rig rig = new Rig(8, null)) {
            rig.model.nan = 3;
            rig.pipe(1, 3);
            assertThat(rig.model.batches).containsExactly(2);
            assertThat(rig.outcome).containsExactly("e1=1.0 v1 1.0 in0", "e3=none v1 3.0 in0");
            assertThat(rig.letters).containsExactly("value-3 " + DeadLetterReason.SCORING_FAILED + " 103");
        }
    }

    @Test
    void shouldDeadLetterARowWhoseScoreIsNoProbabilityWhereOneIsMeant() {
        try (Rig rig = new Rig(8, null, LEAVES)) {
            rig.pipe(0, 1, 2);
            assertThat(rig.outcome).containsExactly("e0=0.0 v1 0.0 in0", "e1=1.0 v1 1.0 in0", "e2=none v1 2.0 in0");
            assertThat(rig.letters).containsExactly("value-2 " + DeadLetterReason.SCORING_FAILED + " 102");
        }
    }

    @Test
    void shouldScoreTheNextBatchWithTheModelSwappedInAndNoneWithTwo() {
        try (Rig rig = new Rig(2, null)) {
            rig.pipe(1, 2);
            rig.active.swap(new FirstFeature(2));
            rig.pipe(3, 4, 5);
            assertThat(rig.outcome)
                    .containsExactly(
                            "e1=1.0 v1 1.0 in0",
                            "e2=2.0 v1 2.0 in0",
                            "e3=3.0 v2 3.0 in1",
                            "e4=4.0 v2 4.0 in1",
                            "e5=5.0 v2 5.0 in1");
        }
    }

    @Test
    void shouldTellHowLongItTookToServeWhatWasLearnedOnceForEachModelThatLearnedMore() {
        try (Rig rig = new Rig(2, null)) {
            rig.active.swap(new FirstFeature(2, 90)); // learned before the start
            rig.pipe(1);
            assertThat(rig.learningLags).isEmpty();
            rig.active.swap(new FirstFeature(3, 400));
            rig.pipe((Integer) null);
            rig.pipe(-7);
            assertThat(rig.learningLags).as("before a prediction was made").isEmpty();
            rig.pipe(2, 3, 4, 5);
            assertThat(rig.learningLags).containsExactly(600L);
            rig.active.swap(new FirstFeature(2, 300)); // rolled back
            rig.pipe(6);
            rig.active.swap(new FirstFeature(3, 400)); // and promoted
            rig.pipe(7);
            assertThat(rig.learningLags).containsExactly(600L);
            FirstFeature failing = new FirstFeature(4, 800);
            failing.poison = 8;
            rig.active.swap(failing);
            rig.pipe(8);
            assertThat(rig.learningLags).as("a failed row is no prediction").containsExactly(600L);
            rig.pipe(9);
            assertThat(rig.learningLags).containsExactly(600L, 200L);
        }
    }

    @Test
    void shouldExplainTheSharePerEventIdThatTheRateSays() {
        ScoreSettings.Explain explain = new ScoreSettings.Explain(2, 0.25);
        long chosen = IntStream.range(0, 20_000)
                .filter(i -> MicroBatchProcessor.sampled("event-" + i, explain.sampleRate()))
                .count();
        assertThat(chosen).isBetween(4_700L, 5_300L);
        assertThat(MicroBatchProcessor.sampled("x", 0)).isFalse();
        assertThat(MicroBatchProcessor.sampled("x", 1)).isTrue();
    }
}
