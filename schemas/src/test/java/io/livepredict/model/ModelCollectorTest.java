package io.livepredict.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.avro.SignedPointer;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelPacker.Entry;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class ModelCollectorTest {
    private static final String NAME = "viewer";

    private final SigningKey key = SigningKey.generate();
    private final TrustedKeys trusted = TrustedKeys.of(List.of(key.publicKey()));
    private final ModelCollector collector = new ModelCollector(trusted);
    private final byte[] onnx = bytes(2 * ModelPacker.CHUNK_BYTES + 10, 1);

    private static byte[] bytes(int length, long seed) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private List<Entry> publish(long version) {
        return publish(version, onnx);
    }

    private List<Entry> publish(long version, byte[] bytes) {
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, version), bytes, key);
        packed.forEach(e -> collector.accept(e.key(), e.value()));
        return packed;
    }

    private void point(long version, List<Entry> packed) {
        Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, version, packed), key);
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
    void shouldTakeTheRecordsOfAVersionInAnyOrder() throws RefusedException {
        List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, 1), onnx, key);
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
        assertThat(collector.names()).isEmpty();
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
        List<Entry> packed = publish(1);
        String json = signed(packed.getLast()).getJson();
        collector.accept("viewer/1", new ModelRecord(new SignedManifest(json, "", ByteBuffer.allocate(0))));
        assertRefused(1, Refusal.UNSIGNED, "manifest viewer/1: it is not signed");
    }

    @Test
    void shouldRefuseAManifestSignedByAnotherKey() {
        SigningKey stranger = SigningKey.generate();
        ModelPacker.pack(Manifests.manifest(NAME, 1), onnx, stranger)
                .forEach(e -> collector.accept(e.key(), e.value()));
        assertRefused(
                1,
                Refusal.UNKNOWN_KEY,
                "manifest viewer/1: it is signed by key " + stranger.keyId() + ", which is not trusted here; trusted: "
                        + key.keyId());
    }

    @Test
    void shouldRefuseAManifestThatWasChanged() {
        SignedManifest manifest = signed(publish(1).getLast());
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
        publish(1);
        byte[] changed = bytes(ModelPacker.CHUNK_BYTES, 9);
        collector.accept("viewer/1/1", new ModelRecord(new ModelChunk(1, 3, ByteBuffer.wrap(changed))));
        assertRefused(
                1, Refusal.HASH_MISMATCH, "model viewer/1: its bytes are not those its manifest names by SHA-256");
    }

    @Test
    void shouldRefuseAModelWithAChunkMissing() {
        publish(1);
        collector.accept("viewer/1/1", null);
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
        String json = signed(publish(1).getLast()).getJson().replace("\"format\":1", "\"format\":2");
        acceptSigned(json);
        assertRefused(
                1,
                Refusal.UNKNOWN_FORMAT,
                "manifest viewer/1: unknown manifest format 2, this build reads at most 1; upgrade it");
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
                "{\"version\":1,\"bytes\":\"many\"}",
                "{\"format\":\"x\"}",
                "{\"version\":1,\"targets\":[1]}",
                "{\"version\":1,\"golden\":[{\"dense\":\"x\"}]}",
                "{\"name\":\"viewer\",\"version\":1,\"bytes\":-1}")) {
            acceptSigned(garbage);
            assertThat(refusal(() -> collector.artifact(NAME, 1)).reason())
                    .as(garbage)
                    .isEqualTo(Refusal.UNREADABLE);
        }
    }

    @Test
    void shouldRefuseARecordOfTheWrongSort() {
        List<Entry> packed = publish(1);
        collector.accept("viewer/1/2", packed.getLast().value());
        assertRefused(1, Refusal.UNREADABLE, "model viewer/1: what should be chunk 2 is not");
        collector.accept("viewer/1", packed.getFirst().value());
        assertRefused(1, Refusal.UNREADABLE, "manifest viewer/1 is not a manifest");
        collector.accept("viewer/serving", packed.getFirst().value());
        assertThat(refusal(() -> collector.serving(NAME)).reason()).isEqualTo(Refusal.UNREADABLE);
    }

    @Test
    void shouldRefuseAManifestUnderAnotherVersionsKey() {
        List<Entry> packed = publish(1);
        collector.accept("viewer/2", packed.getLast().value());
        assertRefused(2, Refusal.UNREADABLE, "manifest viewer/2 is that of version 1 of 'viewer'");
    }

    @Test
    void shouldRefuseASignedManifestThatIsNotTheOneThePointerNames() {
        List<Entry> good = publish(1);
        point(1, good);
        publish(1, bytes(10, 5));
        assertRefused(1, Refusal.HASH_MISMATCH, "manifest viewer/1 is not the one that the pointer to it names");
    }

    @Test
    void shouldRefuseAPointerThatWasForgedOrMovedToAnotherModel() {
        List<Entry> packed = publish(1);
        Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), SigningKey.generate());
        collector.accept(pointer.key(), pointer.value());
        assertThat(refusal(() -> collector.serving(NAME)).reason()).isEqualTo(Refusal.UNKNOWN_KEY);

        SignedPointer signed = (SignedPointer) ModelPacker.pointer(Manifests.pointer(NAME, 1, packed), key)
                .value()
                .getBody();
        collector.accept(
                pointer.key(),
                new ModelRecord(new SignedPointer(
                        signed.getJson().replace("false", "true"), signed.getKeyId(), signed.getSignature())));
        assertThat(refusal(() -> collector.serving(NAME)).reason()).isEqualTo(Refusal.BAD_SIGNATURE);

        collector.accept("player/serving", new ModelRecord(signed));
        assertThat(refusal(() -> collector.serving("player")).reason()).isEqualTo(Refusal.UNREADABLE);
    }

    @Test
    void shouldReadAManifestOfAnOlderOrNewerBuild() throws RefusedException {
        acceptSigned("{\"format\":0,\"name\":\"viewer\",\"version\":1,\"future\":{\"a\":[1]},"
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
    void shouldCountAndIgnoreKeysOfNoKnownForm() {
        for (String odd : List.of("", "viewer", "viewer/x", "viewer/0", "viewer/1/2/3", "a b/1", "viewer/-1", "/1")) {
            collector.accept(odd, null);
        }
        assertThat(collector.ignored()).isEqualTo(8);
        assertThat(collector.names()).isEmpty();
    }

    @Test
    void shouldLetGoOfOldBytesButNeverOfTheNewestOrTheServed() throws RefusedException {
        ModelCollector small = new ModelCollector(trusted, 25);
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
        ModelCollector again = new ModelCollector(trusted, 25).keeping(NAME, 2);
        collect(again, 1, 5);
        assertThat(again.artifact(NAME, 2).onnx()).isEqualTo(bytes(10, 2));
    }

    /** Versions 1 … last of ten bytes each; a pointer to one of them right after it. */
    private void collect(ModelCollector into, long pointedTo, long last) {
        for (long version = 1; version <= last; version++) {
            List<Entry> packed = ModelPacker.pack(Manifests.manifest(NAME, version), bytes(10, version), key);
            packed.forEach(e -> into.accept(e.key(), e.value()));
            if (version == pointedTo) {
                Entry pointer = ModelPacker.pointer(Manifests.pointer(NAME, version, packed), key);
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
