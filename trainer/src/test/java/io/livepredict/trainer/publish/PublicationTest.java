package io.livepredict.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.Publication.Entry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PublicationTest {
    private static final FeatureSchema SCHEMA =
            new FeatureSchema(Kind.VIEWER, List.of(), List.of("JOIN"), 0, "", List.of());
    private final SigningKey key = SigningKey.generate();
    private final ModelSigner signer = new ModelSigner(Namespace.defaults(), key);
    private final ModelVerifier verifier =
            new ModelVerifier(Namespace.defaults(), TrustedKeys.of(List.of(key.publicKey())));
    private final VersionLedger ledger = new VersionLedger();
    private final ModelsView view = new ModelsView("viewer", verifier, ledger, Clock.systemUTC());
    private final ModelCollector scorer = new ModelCollector(verifier, Set.of("viewer"));

    private static Published version(long version, int bytes) {
        byte[] onnx = new byte[bytes];
        new Random(version).nextBytes(onnx);
        Manifests.Facts facts = new Manifests.Facts(
                new Manifests.Identity(
                        "viewer",
                        version,
                        version - 1,
                        Instant.EPOCH.plus(Duration.ofMinutes(Math.min(version, 1_000_000)))),
                "mlp",
                new TrainingProgress(Map.of(0, version), version, 0),
                Map.of(),
                new Origin("commit", "hash"));
        return new Published(
                Manifests.make(facts, SCHEMA, List.of(), onnx, new ExampleBatch(1, 0, 0, 0, 0), new float[0]), onnx);
    }

    private List<Entry> publish(Published published, RetentionPolicy retention) {
        List<Entry> entries = Publication.of(
                published,
                view,
                retention,
                signer,
                Instant.parse(published.manifest().createdAt()));
        entries.forEach(entry -> {
            view.accept(entry.key(), entry.value());
            scorer.accept(entry.key(), entry.value());
        });
        return entries;
    }

    private static RetentionPolicy newest(int count) {
        return new RetentionPolicy(count, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    @Test
    void shouldSendChunksThenManifestThenPointer() throws Exception {
        List<Entry> entries = publish(version(1, 2_000_000), RetentionPolicy.defaults());
        assertThat(entries.stream().map(Entry::key))
                .containsExactly("viewer/1/0", "viewer/1/1", "viewer/1/2", "viewer/1", "viewer/serving");
        assertThat(scorer.serving("viewer").orElseThrow().version()).isEqualTo(1);
        assertThat(scorer.artifact("viewer", 1).onnx())
                .isEqualTo(version(1, 2_000_000).onnx());
        assertThat(ledger.highest()).isEqualTo(1);
        assertThat(ledger.holds(1, version(1, 2_000_000).manifest().sha256())).isTrue();
    }

    @Test
    void shouldTombstoneManifestBeforeChunksOfWhatIsNotKept() {
        publish(version(1, 1_000_000), newest(2));
        publish(version(2, 10), newest(2));
        List<Entry> entries = publish(version(3, 10), newest(2));
        assertThat(entries.stream().filter(entry -> entry.value() == null).map(Entry::key))
                .containsExactly("viewer/1", "viewer/1/0", "viewer/1/1");
        assertThat(scorer.versions("viewer")).containsExactly(2L, 3L);
        assertThat(view.versions()).containsExactly(2L, 3L);
    }

    @Test
    void shouldLeaveAPinnedPointerAndWhatItPointsToAlone() throws Exception {
        List<Entry> first = publish(version(1, 10), newest(2));
        ModelPacker.Entry pin = ModelPacker.pointer(
                new ModelPointer("viewer", 1, true, scorer.manifestSha256("viewer", 1), "1970-01-01T00:01:30Z"),
                signer);
        assertThat(first).isNotEmpty();
        view.accept(pin.key(), pin.value());
        scorer.accept(pin.key(), pin.value());
        for (long version = 2; version < 9; version++) {
            publish(version(version, 10), newest(2));
        }
        assertThat(scorer.serving("viewer").orElseThrow().version()).isEqualTo(1);
        assertThat(scorer.serving("viewer").orElseThrow().pinned()).isTrue();
        assertThat(scorer.versions("viewer")).containsExactly(1L, 7L, 8L);
    }

    @Test
    void shouldPassOverAPinThatNoTrustedKeySigned() throws Exception {
        publish(version(1, 10), newest(5));
        ModelPacker.Entry forged = ModelPacker.pointer(
                new ModelPointer("viewer", 1, true, scorer.manifestSha256("viewer", 1), "1970-01-01T00:01:30Z"),
                new ModelSigner(Namespace.defaults(), SigningKey.generate()));
        view.accept(forged.key(), forged.value());
        publish(version(2, 10), newest(5));
        assertThat(scorer.serving("viewer").orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void shouldUseNoNumberOfWhatNobodySigned() {
        publish(version(1, 10), newest(5));
        ModelSigner stranger = new ModelSigner(Namespace.defaults(), SigningKey.generate());
        ModelPacker.pack(version(999_999_999_999_999_999L, 10).manifest(), new byte[10], stranger)
                .forEach(entry -> view.accept(entry.key(), entry.value()));
        view.accept("viewer/999999999999999998", null);
        view.accept("viewer/999999999999999997/0", null);
        view.accept("player/999999999999999999/0", null);
        view.accept(null, null);
        assertThat(ledger.highest()).isEqualTo(1);
        assertThat(ledger.next(1, "other")).isEqualTo(2);
        assertThat(view.versions()).containsExactly(1L);
        assertThat(view.ignored()).isEqualTo(2);
    }

    @Test
    void shouldNotGoBackToAnOldPinAndWriteTheOneThatCountsAgain() throws Exception {
        publish(version(1, 10), newest(9));
        ModelPacker.Entry oldPin = pin(1, "1970-01-01T00:01:30Z");
        accept(oldPin);
        publish(version(2, 10), newest(9));
        ModelPacker.Entry pin = pin(2, "1970-01-01T00:02:30Z");
        accept(pin);

        accept(oldPin);
        List<Entry> entries = publish(version(3, 10), newest(9));

        assertThat(entries).extracting(Entry::key).containsExactly("viewer/3/0", "viewer/3", "viewer/serving");
        assertThat(entries.getLast().value()).isEqualTo(pin.value());
        assertThat(scorer.serving("viewer").orElseThrow().version()).isEqualTo(2);
        // Whoever begins with the compacted topic finds it.
        ModelCollector compacted = new ModelCollector(verifier, Set.of("viewer"));
        compacted.accept(entries.getLast().key(), entries.getLast().value());
        assertThat(compacted.serving("viewer").orElseThrow().version()).isEqualTo(2);
        assertThat(publish(version(4, 10), newest(9))).extracting(Entry::key).doesNotContain("viewer/serving");
    }

    private ModelPacker.Entry pin(long version, String issuedAt) throws Exception {
        return ModelPacker.pointer(
                new ModelPointer("viewer", version, true, scorer.manifestSha256("viewer", version), issuedAt), signer);
    }

    private void accept(ModelPacker.Entry entry) {
        view.accept(entry.key(), entry.value());
        scorer.accept(entry.key(), entry.value());
    }

    @Test
    void shouldIssueItsPointerAfterThatOfAnOperatorWhoseClockIsAhead() throws Exception {
        publish(version(1, 10), newest(9));
        ModelPacker.Entry ahead = ModelPacker.pointer(
                new ModelPointer("viewer", 1, false, scorer.manifestSha256("viewer", 1), "2100-01-01T00:00:00Z"),
                signer);
        accept(ahead);
        publish(version(2, 10), newest(9));
        assertThat(scorer.serving("viewer").orElseThrow().version()).isEqualTo(2);
    }

    @Test
    void shouldKeepWhatAnOperatorMayGoBackToWhileThePointerIsPinned() throws Exception {
        for (long version = 1; version <= 6; version++) {
            publish(version(version, 10), newest(3));
        }
        accept(pin(6, "1970-01-01T00:06:30Z"));
        for (long version = 7; version <= 20; version++) {
            publish(version(version, 10), newest(3));
        }
        assertThat(view.versions()).containsExactly(4L, 5L, 6L, 18L, 19L, 20L);
    }

    @Test
    void shouldNeverReuseANumberForOtherBytes() {
        VersionLedger versions = new VersionLedger();
        assertThat(versions.next(0, "a")).isEqualTo(1);
        versions.add(1, "a");
        versions.add(2, "b");
        versions.used(3);
        // Derived again after a restart: the same bytes are the same version.
        assertThat(versions.next(0, "a")).isEqualTo(1);
        assertThat(versions.next(1, "b")).isEqualTo(2);
        // Other bytes, or a number whose bytes are gone, go beyond all.
        assertThat(versions.next(1, "c")).isEqualTo(4);
        assertThat(versions.next(2, "b")).isEqualTo(4);
    }

    @Test
    void shouldStretchTheCadenceToTheByteBudget() {
        PublishSettings settings = new PublishSettings(1_000, 500, 0, 1_000);
        assertThat(settings.isDue(999, 5_000, 499, 0)).isFalse();
        assertThat(settings.isDue(1_000, 5_000, 0, 1_000)).isTrue();
        assertThat(settings.isDue(1_000, 5_000, 0, 1_001)).isFalse();
        assertThat(settings.isDue(2_000, 5_000, 0, 1_001)).isTrue();
        assertThat(settings.isDue(10, 5_000, 500, 0)).isTrue();
        assertThat(settings.isDue(10, 5_000, 500, 1_000)).isFalse();
    }

    @Test
    void shouldFollowTheNews() {
        PublishSettings settings = new PublishSettings(1_000, 0, 64, 1_000_000);
        assertThat(settings.isNews(10_000, 63, 1_000)).isFalse();
        assertThat(settings.isNews(10_000, 64, 1_000)).isTrue();
        assertThat(settings.isNews(100, 9, 1_000)).as("one in ten").isFalse();
        assertThat(settings.isNews(100, 10, 1_000)).isTrue();
        assertThat(settings.isNews(1, 1, 1_000)).as("the first").isTrue();
        assertThat(settings.isNews(10_000, 1, 3_600_000)).as("after an hour").isTrue();
        assertThat(settings.isNews(10_000, 0, 3_600_000)).as("nothing at all").isFalse();
    }

    @Test
    void shouldNotKeepAModelWaitingThatHasLearnedFromTwiceAsMuch() {
        PublishSettings daily = new PublishSettings(86_400_000, 0, 64, 1_000_000);
        assertThat(daily.isDue(1_000, 20, 10, 0)).isTrue();
        assertThat(daily.isDue(1_000, 20, 9, 0)).isFalse();
        assertThat(daily.isDue(999, 20, 10, 0)).as("at most one a second").isFalse();
    }
}
