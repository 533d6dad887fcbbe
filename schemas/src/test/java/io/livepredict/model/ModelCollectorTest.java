package io.livepredict.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import io.livepredict.model.ModelCollector.Limits;
import io.livepredict.model.ModelPacker.Entry;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Long because each way in which records of the models topic can be wrong is a test over the same collector. */
class ModelCollectorTest {
    private static final String NAME = "viewer";
    /** How what is signed of a manifest begins. */
    private static final String HEAD = "{\"record\":\"manifest\",\"format\":2,\"namespace\":\"livepredict\",";

    private final SigningKey key = SigningKey.generate();
    private final ModelSigner signer = Manifests.signer(key);
    private final ModelVerifier verifier = Manifests.verifier(key);
    private final List<String> ignored = new ArrayList<>();
    private final ModelCollector collector = collector(Limits.defaults());
    private final byte[] onnx = bytes(2 * ModelPacker.CHUNK_BYTES + 10, 1);

    private ModelCollector collector(Limits limits) {
        return new ModelCollector(
                verifier,
                Set.of(NAME),
                limits,
                manifest -> true,
                Clock.fixed(Instant.EPOCH, ZoneOffset.UTC),
                (reason, line, records) -> ignored.add(reason + " " + records));
    }

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private List<Entry> publish(long version) {
        return publish(version, onnx);
    }

    private List<Entry> publish(long version, byte[] bytes) {
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, version), bytes, signer);
        packed.forEach(e -> collector.accept(e.key(), e.value()));
        return packed;
    }

    private List<Entry> packed(long version) {
        return ModelPacker.pack(Manifests.manifest(NAME, version), onnx, signer);
    }

    private void point(long version, List<Entry> packed) {
        Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, version, packed), signer);
        collector.accept(pointer.key(), pointer.value());
    }

    private static RefusedException refusal(ThrowingCallable call) {
        RefusedException refused = catchThrowableOfType(RefusedException.class, call);
        assertThat(refused).isNotNull();
        assertThat(refused.getMessage()).doesNotContain("\n");
        return refused;
    }

    private void assertRefused(long version, Refusal reason, String message) {
        RefusedException refused = refusal(() -> collector.artifact(NAME, version));
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).hasMessage(message);
    }

    private static SignedManifest signed(Entry manifest) {
        return (SignedManifest) manifest.value().getBody();
    }

    @Test
    void shouldGiveBackWhatWasPacked() throws RefusedException {
        List<Entry> packed = publish(3);
        point(3, packed);

        assertThat(packed).extracting(Entry::key).containsExactly("viewer/3/0", "viewer/3/1", "viewer/3/2", "viewer/3");
        ModelPointer pointer = collector.serving(NAME).orElseThrow();
        assertThat(pointer.version()).isEqualTo(3);
        ModelArtifact artifact = collector.artifact(NAME, 3);
        assertThat(artifact.onnx()).isEqualTo(onnx);
        ModelManifest expected = ModelPacker.complete(Manifests.manifest(NAME, 3), onnx);
        assertThat(artifact.manifest()).usingRecursiveComparison().isEqualTo(expected);
        assertThat(expected.chunks()).isEqualTo(3);
        assertThat(expected.bytes()).isEqualTo(onnx.length);
        assertThat(collector.manifestSha256(NAME, 3))
                .isEqualTo(pointer.manifestSha256())
                .isEqualTo(ModelPacker.manifestSha256(packed));
    }

    @Test
    void shouldKeepTheBytesWhenTheirManifestIsWrittenOver() throws RefusedException {
        publish(1);
        ModelManifest other = ModelManifestBuilder.builder(Manifests.manifest(NAME, 1))
                .family("other")
                .build();
        Entry over = ModelPacker.pack(other, onnx, signer).getLast();
        collector.accept(over.key(), over.value());

        assertThat(collector.artifact(NAME, 1).manifest().family()).isEqualTo("other");
        assertThat(collector.artifact(NAME, 1).onnx()).isEqualTo(onnx);
    }

    @Test
    void shouldTakeTheRecordsOfAVersionInAnyOrder() throws RefusedException {
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, 1), onnx, signer);
        for (Entry entry : packed.reversed()) {
            collector.accept(entry.key(), entry.value());
        }
        assertThat(collector.artifact(NAME, 1).onnx()).isEqualTo(onnx);
    }

    @Test
    void shouldHaveNothingToServeBeforeAnythingCame() {
        assertThat(refusal(() -> collector.artifact(NAME, 1)).reason()).isEqualTo(Refusal.MISSING_CHUNK);
        assertThat(collector.versions(NAME)).isEmpty();
        assertThat(collector.maxVersion(NAME)).isZero();
    }

    @Test
    void shouldHaveNoPointerBeforeOneCame() throws RefusedException {
        publish(1);
        assertThat(collector.serving(NAME)).isEmpty();
    }

    @Test
    void shouldListVersionsAndNeverForgetTheHighest() {
        publish(1);
        publish(2);
        for (String gone : ModelKeys.ofVersion(NAME, 2, 3)) {
            collector.accept(gone, null);
        }

        assertThat(collector.versions(NAME)).containsExactly(1L);
        assertThat(collector.maxVersion(NAME)).isEqualTo(2);
        assertThat(refusal(() -> collector.manifest(NAME, 2)).reason()).isEqualTo(Refusal.MISSING_CHUNK);
    }

    @Test
    void shouldRefuseAnUnsignedManifest() {
        String json = signed(packed(1).getLast()).getJson();
        collector.accept("viewer/1", new ModelRecord(new SignedManifest(json, "", ByteBuffer.allocate(0))));
        assertRefused(1, Refusal.UNSIGNED, "manifest viewer/1: it is not signed");
    }

    @Test
    void shouldRefuseAManifestSignedByAnotherKey() {
        SigningKey stranger = SigningKey.generate();
        ModelPacker.pack(Manifests.manifest(NAME, 1), onnx, Manifests.signer(stranger))
                .forEach(e -> collector.accept(e.key(), e.value()));
        assertRefused(
                1,
                Refusal.UNKNOWN_KEY,
                "manifest viewer/1: it is signed by key " + stranger.keyId() + ", which is not trusted here; trusted: "
                        + key.keyId());
    }

    @Test
    void shouldRefuseAManifestThatWasChanged() {
        SignedManifest manifest = signed(packed(1).getLast());
        String changed = manifest.getJson().replace("\"family\":\"mlp\"", "\"family\":\"mlq\"");
        assertThat(changed).isNotEqualTo(manifest.getJson());
        collector.accept(
                "viewer/1", new ModelRecord(new SignedManifest(changed, manifest.getKeyId(), manifest.getSignature())));
        assertRefused(
                1,
                Refusal.BAD_SIGNATURE,
                "manifest viewer/1: its signature is not that of key " + key.keyId() + " over these bytes");
    }

    @Test
    void shouldRefuseAChunkThatWasChanged() {
        List<Entry> packed = packed(1);
        packed.subList(0, 3).forEach(e -> collector.accept(e.key(), e.value()));
        byte[] changed = bytes(ModelPacker.CHUNK_BYTES, 9);
        collector.accept("viewer/1/1", new ModelRecord(new ModelChunk(1, 3, ByteBuffer.wrap(changed))));
        collector.accept("viewer/1", packed.getLast().value());
        assertRefused(
                1, Refusal.HASH_MISMATCH, "model viewer/1: its bytes are not those its manifest names by SHA-256");
    }

    @Test
    void shouldRefuseAModelWithAChunkMissing() {
        List<Entry> packed = packed(1);
        packed.subList(0, 3).forEach(e -> collector.accept(e.key(), e.value()));
        collector.accept("viewer/1/1", null);
        collector.accept("viewer/1", packed.getLast().value());
        assertRefused(1, Refusal.MISSING_CHUNK, "model viewer/1: chunk 1 of 3 is missing");
    }

    @Test
    void shouldRefuseAModelWithoutAManifest() {
        publish(1);
        collector.accept("viewer/1", null);
        assertRefused(1, Refusal.MISSING_CHUNK, "manifest viewer/1 is not there");
    }

    @Test
    void shouldRefuseAnUnknownFormat() {
        String json = signed(packed(1).getLast()).getJson();
        acceptSigned(json.replace("\"format\":2", "\"format\":3"));
        assertRefused(
                1,
                Refusal.UNKNOWN_FORMAT,
                "manifest viewer/1: unknown manifest format 3, this build reads 2; upgrade it");
        assertThat(collector.maxVersion(NAME)).isEqualTo(1);
    }

    @Test
    void shouldSayWhatToDoAboutAManifestOfAnOlderBuildAndCountItsNumber() {
        String json = signed(packed(1).getLast()).getJson();
        acceptSigned(
                json.replace("\"record\":\"manifest\",\"format\":2,\"namespace\":\"livepredict\"", "\"format\":1"));
        assertRefused(
                1,
                Refusal.UNKNOWN_FORMAT,
                "manifest viewer/1: a build before this one signed it (manifest format 1, this build reads 2); upgrade the"
                        + " trainer, whose next version will be read");
        assertThat(collector.versions(NAME)).containsExactly(1L);
        assertThat(collector.maxVersion(NAME)).isEqualTo(1);
    }

    @Test
    void shouldRefuseWhatWasSignedForAnotherNamespaceOrAsAnotherSort() {
        ModelSigner elsewhere = new ModelSigner(new Namespace("other"), key);
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, 1), onnx, elsewhere);
        packed.forEach(e -> collector.accept(e.key(), e.value()));
        assertRefused(
                1,
                Refusal.MISPLACED,
                "manifest viewer/1: it was signed for namespace 'other', this one is 'livepredict'; give each installation"
                        + " a key of its own");
        Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), elsewhere);
        collector.accept(pointer.key(), pointer.value());
        // A manifest in a pointer's clothes, and the other way round.
        SignedManifest manifest = signed(packed(1).getLast());
        collector.accept(
                "viewer/serving",
                new ModelRecord(new SignedPointer(manifest.getJson(), manifest.getKeyId(), manifest.getSignature())));
        SignedPointer good = (SignedPointer) ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), signer)
                .value()
                .getBody();
        collector.accept(
                "viewer/1", new ModelRecord(new SignedManifest(good.getJson(), good.getKeyId(), good.getSignature())));

        assertThat(ignored).containsExactly("MISPLACED 1", "MISPLACED 1", "MISPLACED 1", "MISPLACED 1");
        assertThat(collector.serving(NAME)).isEmpty();
        assertThat(collector.versions(NAME)).isEmpty();
        assertThat(collector.maxVersion(NAME)).isZero();
    }

    @Test
    void shouldRefuseGarbageThatIsSigned() {
        for (String garbage : List.of(
                "",
                "{",
                "[]",
                "null",
                "\"x\"",
                "{}",
                "{\"format\":\"x\"}",
                HEAD + "\"version\":1,\"bytes\":\"many\"}",
                HEAD + "\"version\":1,\"targets\":[1]}",
                HEAD + "\"version\":1,\"golden\":[{\"dense\":\"x\"}]}",
                HEAD + "\"name\":\"viewer\",\"version\":1,\"createdAt\":\"yesterday\"}",
                HEAD + "\"name\":\"viewer\",\"version\":1,\"bytes\":5,\"chunks\":9}",
                HEAD + "\"name\":\"viewer\",\"version\":1,\"bytes\":-1}")) {
            acceptSigned(garbage);
            assertThat(refusal(() -> collector.artifact(NAME, 1)).reason())
                    .as(garbage)
                    .isEqualTo(Refusal.UNREADABLE);
        }
    }

    @Test
    void shouldPassOverARecordOfTheWrongSort() throws RefusedException {
        List<Entry> packed = publish(1);
        point(1, packed);
        collector.accept("viewer/1/2", packed.getLast().value());
        collector.accept("viewer/1", packed.getFirst().value());
        collector.accept("viewer/serving", packed.getFirst().value());
        collector.accept("viewer/1/1", packed.getFirst().value());

        assertThat(ignored).containsExactly("UNREADABLE 1", "UNREADABLE 1", "UNREADABLE 1", "UNREADABLE 1");
        assertThat(collector.serving(NAME).orElseThrow().version()).isEqualTo(1);
        assertThat(collector.artifact(NAME, 1).onnx()).isEqualTo(onnx);
    }

    @Test
    void shouldRefuseAManifestUnderAnotherVersionsKey() {
        List<Entry> packed = publish(1);
        collector.accept("viewer/2", packed.getLast().value());
        assertRefused(2, Refusal.MISPLACED, "manifest viewer/2 is that of version 1 of 'viewer'");
    }

    @Test
    void shouldRefuseASignedManifestThatIsNotTheOneThePointerNames() {
        List<Entry> good = publish(1);
        point(1, good);
        publish(1, bytes(10, 5));
        assertRefused(1, Refusal.HASH_MISMATCH, "manifest viewer/1 is not the one that the pointer to it names");
    }

    @Test
    void shouldPassOverAPointerThatWasForgedOrMovedToAnotherModel() {
        List<Entry> packed = publish(1);
        Entry forged = ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), Manifests.signer(SigningKey.generate()));
        collector.accept(forged.key(), forged.value());

        Entry good = ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), signer);
        SignedPointer signed = (SignedPointer) good.value().getBody();
        collector.accept(
                forged.key(),
                new ModelRecord(new SignedPointer(
                        signed.getJson().replace("false", "true"), signed.getKeyId(), signed.getSignature())));

        Entry players = ModelPacker.pointer(Manifests.pointer("player", 1, packed), signer);
        collector.accept("viewer/serving", players.value());

        assertThat(ignored).containsExactly("UNKNOWN_KEY 1", "BAD_SIGNATURE 1", "MISPLACED 1");
        assertThat(collector.serving(NAME)).isEmpty();
    }

    @Test
    void shouldNotGoBackToAPointerThatWasIssuedBefore() {
        List<Entry> first = publish(1);
        List<Entry> second = publish(2);
        ModelPointer pinned =
                new ModelPointer(NAME, 1, true, ModelPacker.manifestSha256(first), "2026-01-01T00:00:01Z");
        Entry old = ModelPacker.pointer(pinned, signer);
        collector.accept(old.key(), old.value());
        assertThat(collector.serving(NAME)).contains(pinned);
        point(2, second);
        assertThat(collector.isPointerOverwritten(NAME)).isFalse();

        collector.accept(old.key(), old.value());

        assertThat(collector.serving(NAME).orElseThrow().version()).isEqualTo(2);
        assertThat(ignored).containsExactly("OUTDATED 1");
        assertThat(collector.isPointerOverwritten(NAME)).isTrue();
        // Nor does the tombstone that anybody can write, nor collecting anew.
        collector.accept(old.key(), null);
        assertThat(collector.serving(NAME).orElseThrow().version()).isEqualTo(2);
        ModelCollector again = collector.keeping(NAME, 1);
        again.accept(old.key(), old.value());
        assertThat(again.serving(NAME).orElseThrow().version()).isEqualTo(2);
        point(2, second);
        assertThat(collector.isPointerOverwritten(NAME)).isFalse();
    }

    @Test
    void shouldIssueAPointerAfterTheOneBeforeWhateverTheClockSays() {
        Instant now = Instant.parse("2026-01-01T00:00:00Z");
        ModelPointer ahead = new ModelPointer(NAME, 1, true, "", "2026-01-01T00:05:00Z");
        assertThat(ModelPointer.issueAfter(Optional.empty(), now)).isEqualTo(now);
        assertThat(ModelPointer.issueAfter(Optional.of(ahead), now)).isEqualTo("2026-01-01T00:05:00.001Z");
        assertThat(ModelPointer.issueAfter(Optional.of(ahead), now.plusSeconds(600)))
                .isEqualTo(now.plusSeconds(600));
    }

    @Test
    void shouldReadAManifestWithFieldsOfANewerBuildAndWithoutOthers() throws RefusedException {
        acceptSigned(HEAD + "\"name\":\"viewer\",\"version\":1,\"createdAt\":\"2026-01-01T00:00:00Z\","
                + "\"future\":{\"a\":[1]},"
                + "\"golden\":[{\"dense\":[1.5]}],\"targets\":[{\"name\":\"a\"}]}");
        ModelManifest manifest = collector.manifest(NAME, 1);
        assertThat(manifest.dense()).isEmpty();
        assertThat(manifest.metrics()).isEmpty();
        assertThat(manifest.family()).isEmpty();
        assertThat(manifest.golden().getFirst().dense()).containsExactly(1.5f);
        assertThat(manifest.golden().getFirst().ids()).isEmpty();
        assertThat(manifest.targets().getFirst().definition()).isEmpty();
    }

    @Test
    void shouldKnowNoVersionOfWhatNobodySigned() {
        SigningKey stranger = SigningKey.generate();
        for (String key :
                List.of("viewer/999999999999999999/0", "viewer/999999999999999999", "viewer/77", "viewer/serving")) {
            collector.accept(key, null);
            collector.accept(key, packed(1).getFirst().value());
        }
        ModelPacker.pack(Manifests.manifest(NAME, 999_999_999_999_999_999L), onnx, Manifests.signer(stranger))
                .forEach(e -> collector.accept(e.key(), e.value()));

        assertThat(collector.maxVersion(NAME)).isZero();
        assertThat(collector.versions(NAME)).isEmpty();
        assertThat(collector.refused(NAME)).containsKey(999_999_999_999_999_999L);
    }

    @Test
    void shouldKeepAWholeVersionWhateverIsWrittenOverIt() throws RefusedException {
        List<Entry> packed = publish(1);
        byte[] junk = bytes(ModelPacker.CHUNK_BYTES, 9);
        collector.accept("viewer/1/1", new ModelRecord(new ModelChunk(1, 3, ByteBuffer.wrap(junk))));
        collector.accept("viewer/1/0", null);
        collector.accept("viewer/1", packed.getFirst().value());
        assertThat(collector.artifact(NAME, 1).onnx()).isEqualTo(onnx);
    }

    @Test
    void shouldHoldAFloodOfUnsignedRecordsWithinItsLimits() throws RefusedException {
        Limits limits = new Limits(5_000, 50_000, 3_000, Duration.ofMinutes(1));
        ModelCollector small = collector(limits);
        SigningKey stranger = SigningKey.generate();
        Random random = new Random(3);
        long most = 0;
        for (int i = 0; i < 3_000; i++) {
            long version = 1 + random.nextInt(1_000_000_000);
            String name = random.nextInt(4) == 0 ? "name" + i : NAME;
            small.accept(
                    ModelKeys.chunk(name, version, random.nextInt(3)),
                    new ModelRecord(new ModelChunk(0, 3, ByteBuffer.wrap(bytes(random.nextInt(900), i)))));
            if (i % 10 == 0) {
                ModelPacker.pack(Manifests.manifest(name, version), bytes(10, i), Manifests.signer(stranger))
                        .forEach(e -> small.accept(e.key(), e.value()));
            }
            most = Math.max(most, small.heldBytes());
        }
        // What is signed is taken in all the same, and its chunks are not washed away.
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, 7), bytes(500, 7), signer);
        packed.forEach(e -> small.accept(e.key(), e.value()));

        assertThat(most).isBetween(1L, limits.unsignedBytes());
        assertThat(small.artifact(NAME, 7).onnx()).isEqualTo(bytes(500, 7));
        assertThat(small.maxVersion(NAME)).isEqualTo(7);
    }

    @Test
    void shouldForgetTheManifestsOfOldVersionsRatherThanGrow() throws RefusedException {
        Limits limits = new Limits(100, 30_000, 1_000, Duration.ofMinutes(1));
        ModelCollector small = collector(limits);
        collect(small, 3, 200);
        assertThat(small.heldBytes()).isLessThan(31_000);
        assertThat(small.versions(NAME)).contains(3L, 200L).doesNotContain(1L, 100L);
        assertThat(small.manifest(NAME, 199).version()).isEqualTo(199);
        assertThat(small.maxVersion(NAME)).isEqualTo(200);
    }

    @Test
    void shouldCountAndIgnoreKeysOfNoKnownForm() {
        for (String odd : List.of("", "viewer", "viewer/x", "viewer/0", "viewer/1/2/3", "a b/1", "viewer/-1", "/1")) {
            collector.accept(odd, null);
        }
        assertThat(ignored).hasSize(8).containsOnly("UNREADABLE 1");
    }

    @Test
    void shouldLetGoOfOldBytesButNeverOfTheNewestOrTheServed() throws RefusedException {
        ModelCollector small = collector(Limits.defaults().withModelBytes(25));
        collect(small, 1, 5);

        assertThat(small.isReleased(NAME, 1)).isFalse();
        assertThat(small.artifact(NAME, 1).onnx()).isEqualTo(bytes(10, 1));
        assertThat(small.isReleased(NAME, 2)).isTrue();
        assertThat(small.isReleased(NAME, 4)).isTrue();
        assertThat(small.artifact(NAME, 5).onnx()).isEqualTo(bytes(10, 5));
        assertThat(small.manifest(NAME, 2).version()).isEqualTo(2);
        RefusedException refused = refusal(() -> small.artifact(NAME, 2));
        assertThat(refused.reason()).isEqualTo(Refusal.MISSING_CHUNK);
        assertThat(refused).hasMessage("model viewer/2: its bytes are no longer held here; read the topic again");
    }

    @Test
    void shouldFindAReleasedVersionByCollectingAnew() throws RefusedException {
        ModelCollector again = collector(Limits.defaults().withModelBytes(25)).keeping(NAME, 2);
        collect(again, 1, 5);
        assertThat(again.artifact(NAME, 2).onnx()).isEqualTo(bytes(10, 2));
    }

    /** Versions 1 … last of ten bytes each; a pointer to one of them right after it. */
    private void collect(ModelCollector into, long pointedTo, long last) {
        for (long version = 1; version <= last; version++) {
            List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, version), bytes(10, version), signer);
            packed.forEach(e -> into.accept(e.key(), e.value()));
            if (version == pointedTo) {
                Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, version, packed), signer);
                into.accept(pointer.key(), pointer.value());
            }
        }
    }

    private void acceptSigned(String json) {
        collector.accept(
                "viewer/1",
                new ModelRecord(
                        new SignedManifest(json, key.keyId(), ByteBuffer.wrap(key.sign(ModelPacker.utf8(json))))));
    }
}
