package io.livepredict.streams.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl;
import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.Refusal;
import io.livepredict.model.SigningKey;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.DeviceException;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Whatever is wrong with a model, it is refused with its reason, once, while the one before it goes on serving. Long because
 * each way in which a model can be wrong is a test over the same intake.
 */
class ModelIntakeTest {
    private static final KindDefinition DEFINITION = KindDefinition.defaults(Kind.VIEWER);
    private static final FeatureSchema SCHEMA = FeatureDefinitions.schema(DEFINITION);
    private static final List<Target> TARGETS = List.of(
            target("leave-30s", "LEAVE", Duration.ofSeconds(30)), target("gift-10s", "GIFT", Duration.ofSeconds(10)));

    private final SigningKey key = SigningKey.generate();
    private final List<String> activated = new ArrayList<>();
    private final List<Refusal> refused = new ArrayList<>();
    private final List<Refusal> ignored = new ArrayList<>();
    private Instant now = Instant.EPOCH;
    private final ActiveModel active = new ActiveModel(new PriorModel("viewer", TARGETS));
    private Activation activation = activation(active);
    private ModelIntake intake = intake();

    private static Target target(String name, String type, Duration within) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(Target.Outcome.ANY_OF)
                .eventTypes(Set.of(type))
                .within(within)
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("JOIN"))
                .snapshotOn(Set.of("JOIN"))
                .atMostEvery(Duration.ZERO)
                .prior(0.25)
                .build();
    }

    private static Activation activation(ActiveModel active) {
        try {
            return new Activation(OnnxRuntime.start(new Device.Cpu()), SCHEMA, TARGETS, active);
        } catch (DeviceException e) {
            throw new IllegalStateException(e);
        }
    }

    private ModelIntake intake() {
        return new ModelIntake(
                TestModels.verifier(key),
                Map.of("viewer", activation),
                new ModelCounters() {
                    @Override
                    public void activated(String name, long version) {
                        activated.add(name + ' ' + version);
                    }

                    @Override
                    public void refused(String name, Refusal reason) {
                        refused.add(reason);
                    }

                    @Override
                    public void ignored(Refusal reason, long records) {
                        ignored.add(reason);
                    }
                },
                () -> now);
    }

    @BeforeEach
    void serveVersionOne() {
        publish(model().version(1).published(key));
        assertThat(active.identity().version()).isEqualTo(1);
        activated.clear();
    }

    @AfterEach
    void close() {
        active.close();
    }

    private static TestModels.Builder model() {
        return TestModels.over(SCHEMA, TARGETS)
                .dense(SCHEMA.dense().get(3).name(), SCHEMA.dense().get(1).name());
    }

    private void publish(List<ModelPacker.Entry> entries) {
        entries.forEach(entry -> intake.accept(entry.key(), entry.value()));
        assertThat(intake.settle()).isEmpty();
    }

    private void shouldRefuse(Refusal reason, List<ModelPacker.Entry> entries) {
        publish(entries);
        assertThat(refused).containsExactly(reason);
        assertThat(active.identity().version()).isEqualTo(1);
        assertThat(activated).isEmpty();
        scores();
        // The same pointer again changes nothing.
        intake.accept(
                entries.get(entries.size() - 1).key(),
                entries.get(entries.size() - 1).value());
        intake.settle();
        assertThat(refused).hasSize(1);
        // And the next good one is served.
        publish(model().version(3).published(key));
        assertThat(active.identity().version()).isEqualTo(3);
    }

    /** The active model still answers. */
    private void scores() {
        try (ActiveModel.Lease lease = active.lease();
                Scorer scorer = lease.model().newScorer(4, new DirectBuffers())) {
            float[] scores = new float[2];
            scorer.score(new FeatureVector[] {new FeatureVector(SCHEMA)}, 1, scores);
            assertThat(scores).containsExactly(0.5f, 0.5f);
        } catch (ScoringException e) {
            throw new AssertionError(e);
        }
    }

    private static UnaryOperator<OnnxMl.ModelProto> graph(UnaryOperator<OnnxMl.GraphProto.Builder> change) {
        return model -> model.toBuilder()
                .setGraph(change.apply(model.getGraph().toBuilder()))
                .build();
    }

    @Test
    void shouldRefuseAModelSignedByAnotherKey() {
        List<ModelPacker.Entry> forged = model().version(2).published(SigningKey.generate());
        publish(forged);
        assertThat(ignored).containsOnly(Refusal.UNKNOWN_KEY).hasSize(2);
        assertThat(refused).isEmpty();
        assertThat(active.identity().version()).isEqualTo(1);
        // Pointed to by somebody who may, it is refused with the same reason.
        refused.clear();
        shouldRefuse(Refusal.UNKNOWN_KEY, pointedTo(forged));
    }

    /** The same, with a pointer that counts. */
    private List<ModelPacker.Entry> pointedTo(List<ModelPacker.Entry> entries) {
        return manifests(entries, manifest -> manifest);
    }

    @Test
    void shouldNotGoBackWithAPointerThatWasIssuedBefore() {
        List<ModelPacker.Entry> first = ModelPacker.pack(
                model().version(1).manifest(), model().version(1).onnx(), TestModels.signer(key));
        ModelPacker.Entry pinned = ModelPacker.pointer(
                new ModelPointer("viewer", 1, true, ModelPacker.manifestSha256(first), TestModels.issuedAt(2)),
                TestModels.signer(key));
        publish(List.of(pinned));
        publish(model().version(3).published(key));
        assertThat(active.identity().version()).isEqualTo(3);

        publish(List.of(pinned));

        assertThat(active.identity().version()).isEqualTo(3);
        assertThat(ignored).containsExactly(Refusal.OUTDATED);
        assertThat(refused).isEmpty();
    }

    @Test
    void shouldServeTheLastGoodVersionAfterARestartWhenAStrangerWroteOverThePointer() {
        try (ActiveModel restarted = new ActiveModel(new PriorModel("viewer", TARGETS))) {
            activation = activation(restarted);
            intake = intake();
            List<ModelPacker.Entry> compacted = new ArrayList<>(ModelPacker.pack(
                    model().version(1).manifest(), model().version(1).onnx(), TestModels.signer(key)));
            compacted.add(model().version(1).published(SigningKey.generate()).getLast());
            publish(compacted);
            assertThat(restarted.identity().version()).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseEachVersionOnceHoweverOftenItIsAsked() {
        try (ActiveModel restarted = new ActiveModel(new PriorModel("viewer", TARGETS))) {
            activation = activation(restarted);
            intake = intake();
            List<ModelPacker.Entry> all = new ArrayList<>();
            for (int version = 1; version <= 4; version++) {
                all.addAll(packed(version, model().version(version).bias(1).onnx(), UnaryOperator.identity()));
            }
            publish(all);
            assertThat(refused).hasSize(4).containsOnly(Refusal.GOLDEN_ROWS_DIFFER);
            for (int i = 0; i < 50; i++) {
                intake.accept("viewer/9/" + i, null);
                now = now.plusMillis(500);
                assertThat(intake.settle()).isEmpty();
                intake.tick();
            }
            assertThat(refused).hasSize(4);
            assertThat(restarted.identity().version()).isZero();
        }
    }

    @Test
    void shouldRefuseAManifestThatIsNotSigned() {
        shouldRefuse(
                Refusal.UNSIGNED,
                manifests(
                        model().version(2).published(key),
                        m -> new SignedManifest(m.getJson(), "", ByteBuffer.allocate(0))));
    }

    @Test
    void shouldRefuseAManifestThatWasChangedAfterSigning() {
        shouldRefuse(
                Refusal.BAD_SIGNATURE,
                manifests(
                        model().version(2).published(key),
                        m -> new SignedManifest(
                                m.getJson().replace("\"logistic\"", "\"logistik\""), m.getKeyId(), m.getSignature())));
    }

    @Test
    void shouldRefuseBytesThatWereChanged() {
        List<ModelPacker.Entry> entries = new ArrayList<>();
        for (ModelPacker.Entry entry : model().version(2).published(key)) {
            if (entry.value().getBody() instanceof ModelChunk chunk) {
                byte[] data = bytes(chunk);
                data[data.length / 2] ^= 1;
                entry = new ModelPacker.Entry(
                        entry.key(),
                        new ModelRecord(new ModelChunk(chunk.getIndex(), chunk.getCount(), ByteBuffer.wrap(data))));
            }
            entries.add(entry);
        }
        shouldRefuse(Refusal.HASH_MISMATCH, entries);
    }

    @Test
    void shouldRefuseAVersionOfWhichAPieceIsMissingAndTakeItWhenThePieceComes() {
        List<ModelPacker.Entry> entries = model().version(2).published(key);
        publish(entries.subList(1, entries.size()));
        assertThat(refused).containsExactly(Refusal.MISSING_CHUNK);
        assertThat(active.identity().version()).isEqualTo(1);
        publish(entries.subList(0, 1));
        assertThat(active.identity().version()).isEqualTo(2);
    }

    @Test
    void shouldRefuseWhatIsNoOnnxFile() {
        shouldRefuse(Refusal.UNREADABLE, packed(2, new byte[] {1, 2, 3, 4, 5}, UnaryOperator.identity()));
    }

    @Test
    void shouldRefuseAModelThatNeedsAnInputThatIsNotHere() {
        shouldRefuse(
                Refusal.MISSING_INPUT,
                model().version(2).dense("count.SNEEZE.5m").published(key));
    }

    @Test
    void shouldGoOnServingWithAnInputThatIsGoneHeldAtItsMean() throws Exception {
        String stays = SCHEMA.dense().get(3).name();
        publish(gone(2, stays, 0.5f).published(key));
        assertThat(active.identity().version()).isEqualTo(2);
        FeatureVector row = new FeatureVector(SCHEMA);
        row.dense[3] = 0.5f;
        row.dense[1] = 77; // in nobody's place
        float[] scores = new float[TARGETS.size()];
        try (ActiveModel.Lease lease = active.lease();
                Scorer scorer = lease.model().newScorer(1, new DirectBuffers())) {
            scorer.score(new FeatureVector[] {row}, 1, scores);
        }
        // Weight 0.1 each: the one that is there, and the one that is gone at its mean of 20.
        assertThat(scores[0]).isCloseTo((float) (1 / (1 + Math.exp(-0.1 * 0.5 - 0.1 * 20))), within(1e-6f));
        assertThat(activation.featureDifferences())
                .contains("1 are gone (count.SNEEZE.5m) and held at their mean, 50 % of its weight", "1 stay");
    }

    @Test
    void shouldRefuseAModelOfWhichTooMuchHangsOnWhatIsGone() {
        shouldRefuse(
                Refusal.MISSING_INPUT,
                gone(2, SCHEMA.dense().get(3).name(), 0.51f).published(key));
    }

    /** A model over a feature that stays and one that is gone. */
    private static TestModels.Builder gone(long version, String stays, float share) {
        return model().version(version)
                .dense(stays, "count.SNEEZE.5m")
                .changeManifest(manifest -> ModelManifestBuilder.builder(manifest)
                        .usual(List.of(new ModelManifest.Usual(10, 1 - share), new ModelManifest.Usual(20, share)))
                        .build());
    }

    @Test
    void shouldRefuseAModelThatNeedsAnInputOfAnotherDefinition() {
        shouldRefuse(
                Refusal.MISSING_INPUT,
                model().version(2)
                        .changeManifest(m -> withDense(
                                m,
                                List.of(
                                        new ModelManifest.Feature(
                                                m.dense().get(0).name(), "another"),
                                        m.dense().get(1))))
                        .published(key));
    }

    @Test
    void shouldRefuseAnInputOfAnotherWidth() {
        shouldRefuse(
                Refusal.WRONG_SHAPE,
                model().version(2)
                        .changeManifest(m -> withDense(m, m.dense().subList(0, 1)))
                        .published(key));
    }

    @Test
    void shouldRefuseAnInputOfNoKnownName() {
        shouldRefuse(
                Refusal.WRONG_SHAPE,
                model().version(2)
                        .change(graph(graph ->
                                graph.addInput(TestModels.tensor("mood", OnnxMl.TensorProto.DataType.FLOAT, -1, 1))))
                        .published(key));
    }

    @Test
    void shouldRefuseAModelWithoutAHeadThatIsConfigured() {
        shouldRefuse(
                Refusal.WRONG_SHAPE,
                TestModels.over(SCHEMA, List.of(target("other", "LEAVE", Duration.ofSeconds(5))))
                        .dense(SCHEMA.dense().get(0).name())
                        .version(2)
                        .published(key));
    }

    @Test
    void shouldRefuseWeightsInAnotherFile() {
        shouldRefuse(
                Refusal.EXTERNAL_DATA,
                model().version(2)
                        .change(graph(graph -> graph.addInitializer(OnnxMl.TensorProto.newBuilder()
                                .setName("outside")
                                .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                                .addDims(1)
                                .setDataLocation(OnnxMl.TensorProto.DataLocation.EXTERNAL)
                                .addExternalData(OnnxMl.StringStringEntryProto.newBuilder()
                                        .setKey("location")
                                        .setValue("/etc/passwd")))))
                        .published(key));
    }

    @Test
    void shouldRefuseAnOperatorOfAnotherDomainInsideANestedGraph() {
        shouldRefuse(
                Refusal.NON_STANDARD_OPERATOR,
                model().version(2)
                        .explaining()
                        .change(graph(graph -> {
                            int last = graph.getNodeCount() - 1;
                            OnnxMl.NodeProto.Builder branching = graph.getNode(last).toBuilder();
                            OnnxMl.AttributeProto.Builder branch = branching.getAttribute(0).toBuilder();
                            branch.setG(branch.getG().toBuilder()
                                    .addNode(TestModels.node("Gelu", "extra", "rows").toBuilder()
                                            .setDomain("com.microsoft")));
                            return graph.setNode(last, branching.setAttribute(0, branch));
                        }))
                        .published(key));
    }

    @Test
    void shouldRefuseWhatOnnxRuntimeDoesNotLoad() {
        shouldRefuse(
                Refusal.SESSION_FAILED,
                model().version(2)
                        .change(graph(graph -> graph.addNode(TestModels.node("NoSuchOperator", "x", "logits"))))
                        .published(key));
    }

    @Test
    void shouldRefuseAModelThatScoresItsGoldenRowsOtherwise() {
        byte[] onnx = model().version(2).bias(1).onnx();
        shouldRefuse(Refusal.GOLDEN_ROWS_DIFFER, packed(2, onnx, UnaryOperator.identity()));
    }

    @Test
    void shouldRefuseAModelWithoutGoldenRows() {
        shouldRefuse(Refusal.GOLDEN_ROWS_DIFFER, packed(2, model().onnx(), m -> withGolden(m, List.of())));
    }

    @Test
    void shouldRefuseAManifestOfALaterFormat() {
        shouldRefuse(Refusal.UNKNOWN_FORMAT, manifests(model().version(2).published(key), m -> {
            String json = m.getJson().replace("\"format\":2", "\"format\":99");
            assertThat(json).isNotEqualTo(m.getJson());
            return new SignedManifest(
                    json,
                    m.getKeyId(),
                    ByteBuffer.wrap(key.sign(json.getBytes(java.nio.charset.StandardCharsets.UTF_8))));
        }));
    }

    @Test
    void shouldFollowThePointerBackToAnEarlierVersion() {
        List<ModelPacker.Entry> first = ModelPacker.pack(
                model().version(1).manifest(), model().version(1).onnx(), TestModels.signer(key));
        publish(model().version(2).published(key));
        assertThat(active.identity().version()).isEqualTo(2);
        publish(List.of(ModelPacker.pointer(
                new ModelPointer("viewer", 1, true, ModelPacker.manifestSha256(first), "2026-01-02T00:00:00Z"),
                TestModels.signer(key))));
        assertThat(active.identity().version()).isEqualTo(1);
        assertThat(refused).isEmpty();
    }

    @Test
    void shouldBuildOnlyTheVersionThatIsPointedToOfManyThatComeTogether() {
        List<ModelPacker.Entry> all = new ArrayList<>();
        for (int version = 2; version < 9; version++) {
            all.addAll(model().version(version).published(key));
        }
        publish(all);
        assertThat(activated).containsExactly("viewer 8");
    }

    @Test
    void shouldServeTheLastGoodVersionAfterARestartWhenTheNewestIsRefused() {
        try (ActiveModel restarted = new ActiveModel(new PriorModel("viewer", TARGETS))) {
            activation = activation(restarted);
            intake = intake();
            List<ModelPacker.Entry> all = new ArrayList<>(model().version(1).published(key));
            all.addAll(model().version(2).published(key));
            all.addAll(packed(3, model().version(3).bias(1).onnx(), UnaryOperator.identity()));
            publish(all);
            assertThat(restarted.identity().version()).isEqualTo(2);
            assertThat(refused).containsExactly(Refusal.GOLDEN_ROWS_DIFFER);
        }
    }

    @Test
    void shouldIgnoreAHeadThatNoTargetMatchesAndServeThePriorForATargetWithoutAHead() throws ScoringException {
        Target removed = target("removed", "FOLLOW", Duration.ofSeconds(5));
        publish(TestModels.over(SCHEMA, List.of(removed, TARGETS.get(1)))
                .dense(SCHEMA.dense().get(0).name())
                .bias(1)
                .version(2)
                .published(key));
        assertThat(active.identity().version()).isEqualTo(2);
        try (ActiveModel.Lease lease = active.lease();
                Scorer scorer = lease.model().newScorer(1, new DirectBuffers())) {
            assertThat(lease.model().origins().of(0).version()).isZero();
            assertThat(lease.model().origins().of(1).version()).isEqualTo(2);
            float[] scores = new float[2];
            scorer.score(new FeatureVector[] {new FeatureVector(SCHEMA)}, 1, scores);
            assertThat(scores[0]).isEqualTo(0.25f);
            assertThat(scores[1]).isCloseTo(0.7311f, org.assertj.core.api.Assertions.within(1e-4f));
        }
    }

    @Test
    void shouldSurviveKeysAndTombstonesOfAnyForm() {
        for (String odd : List.of("", "viewer", "viewer/x", "viewer/1/2/3", "player/serving", "viewer/serving")) {
            intake.accept(odd, null);
        }
        assertThat(intake.settle()).isEmpty();
        assertThat(active.identity().version()).isEqualTo(1);
        publish(model().version(2).published(key));
        intake.accept(ModelKeys.manifest("viewer", 2), null);
        assertThat(intake.settle()).isEmpty();
        assertThat(active.identity().version()).isEqualTo(2);
    }

    private List<ModelPacker.Entry> packed(long version, byte[] onnx, UnaryOperator<ModelManifest> change) {
        List<ModelPacker.Entry> entries = new ArrayList<>(
                ModelPacker.pack(change.apply(model().version(version).manifest()), onnx, TestModels.signer(key)));
        entries.add(ModelPacker.pointer(
                new ModelPointer(
                        "viewer", version, false, ModelPacker.manifestSha256(entries), TestModels.issuedAt(version)),
                TestModels.signer(key)));
        return entries;
    }

    /** Changes the manifest, and lets the pointer name the changed one. */
    private List<ModelPacker.Entry> manifests(List<ModelPacker.Entry> entries, UnaryOperator<SignedManifest> change) {
        List<ModelPacker.Entry> changed = new ArrayList<>();
        for (ModelPacker.Entry entry : entries) {
            if (entry.value().getBody() instanceof SignedManifest manifest) {
                changed.add(new ModelPacker.Entry(entry.key(), new ModelRecord(change.apply(manifest))));
            } else if (!entry.key().endsWith("/serving")) {
                changed.add(entry);
            }
        }
        changed.add(ModelPacker.pointer(
                new ModelPointer("viewer", 2, false, ModelPacker.manifestSha256(changed), TestModels.issuedAt(2)),
                TestModels.signer(key)));
        return changed;
    }

    private static ModelManifest withDense(ModelManifest m, List<ModelManifest.Feature> dense) {
        return copy(m, dense, m.golden());
    }

    private static ModelManifest withGolden(ModelManifest m, List<ModelManifest.GoldenRow> golden) {
        return copy(m, m.dense(), golden);
    }

    private static ModelManifest copy(
            ModelManifest m, List<ModelManifest.Feature> dense, List<ModelManifest.GoldenRow> golden) {
        return ModelManifestBuilder.builder(m).dense(dense).golden(golden).build();
    }

    private static byte[] bytes(ModelChunk chunk) {
        ByteBuffer data = chunk.getData().duplicate();
        byte[] bytes = new byte[data.remaining()];
        data.get(bytes);
        return bytes;
    }
}
