package io.livepredict.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.model.ModelKeys.ModelKey;
import io.livepredict.model.ModelPacker.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ModelArtifactProperties {
    private static final SigningKey KEY = SigningKey.generate();
    private static final ModelSigner SIGNER = Manifests.signer(KEY);
    private static final ModelVerifier VERIFIER = Manifests.verifier(KEY);
    private static final Set<String> NAMES = Set.of("player");

    @Provide
    Arbitrary<Integer> sizes() {
        int chunk = ModelPacker.CHUNK_BYTES;
        return Arbitraries.oneOf(
                Arbitraries.integers().between(0, 2_000),
                Arbitraries.of(chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 1));
    }

    @Property(tries = 60)
    void shouldReassembleAnyBytesFromAnyOrder(@ForAll("sizes") int size, @ForAll long seed) throws RefusedException {
        byte[] onnx = new byte[size];
        Random random = new Random(seed);
        random.nextBytes(onnx);
        List<Entry> packed = new ArrayList<>(ModelPacker.pack(Manifests.manifest("player", 7), onnx, SIGNER));
        for (Entry entry : packed) {
            if (entry.value().getBody() instanceof ModelChunk chunk) {
                assertThat(chunk.getData().remaining()).isLessThanOrEqualTo(900 * 1024);
            }
        }
        Collections.shuffle(packed, random);
        ModelCollector collector = new ModelCollector(VERIFIER, NAMES);
        packed.forEach(e -> collector.accept(e.key(), e.value()));

        assertThat(collector.artifact("player", 7).onnx()).isEqualTo(onnx);
    }

    @Property(tries = 200)
    void shouldRefuseAModelWithAnyByteChanged(
            @ForAll @IntRange(min = 1, max = 3_000) int size, @ForAll @IntRange(min = 0) int at, @ForAll long seed) {
        byte[] onnx = new byte[size];
        new Random(seed).nextBytes(onnx);
        List<Entry> packed = ModelPacker.pack(Manifests.manifest("player", 7), onnx.clone(), SIGNER);
        ModelCollector collector = new ModelCollector(VERIFIER, NAMES);
        onnx[at % size] ^= 1;
        ModelRecord changed = new ModelRecord(new ModelChunk(0, 1, ByteBuffer.wrap(onnx)));
        collector.accept("player/7/0", changed);
        collector.accept("player/7", packed.getLast().value());

        assertThatThrownBy(() -> collector.artifact("player", 7))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.HASH_MISMATCH));
    }

    @Property(tries = 200)
    void shouldTakeKeysApartAgain(
            @ForAll("names") String name, @ForAll @LongRange(min = 1) long version, @ForAll @IntRange int index) {
        long bounded = version % 1_000_000_000_000L + 1;
        int chunk = index % 10_000;
        assertThat(ModelKeys.parse(ModelKeys.chunk(name, bounded, chunk)))
                .isEqualTo(Optional.of(new ModelKey.Chunk(name, bounded, chunk)));
        assertThat(ModelKeys.parse(ModelKeys.manifest(name, bounded)))
                .isEqualTo(Optional.of(new ModelKey.Manifest(name, bounded)));
        assertThat(ModelKeys.parse(ModelKeys.serving(name))).isEqualTo(Optional.of(new ModelKey.Serving(name)));
    }

    @Provide
    Arbitrary<String> names() {
        return Arbitraries.strings().withChars("abcXYZ019._-").ofMinLength(1).ofMaxLength(30);
    }

    /** Whatever comes in, in whatever order: nothing but a model or a refusal comes out. */
    @Property(tries = 300)
    void shouldGiveAModelOrARefusalWhateverCame(@ForAll long seed) {
        Random random = new Random(seed);
        List<Entry> all = new ArrayList<>();
        for (long version = 1; version <= 3; version++) {
            byte[] onnx = new byte[random.nextInt(50)];
            random.nextBytes(onnx);
            List<Entry> packed = ModelPacker.pack(Manifests.manifest("player", version), onnx, SIGNER);
            all.addAll(packed);
            all.add(ModelPacker.pointer(Manifests.pointer("player", version, packed), SIGNER));
        }
        ModelCollector collector = new ModelCollector(
                VERIFIER, NAMES, ModelCollector.Limits.defaults().withModelBytes(60));
        for (int i = 0; i < 30; i++) {
            String key = all.get(random.nextInt(all.size())).key();
            ModelRecord value = all.get(random.nextInt(all.size())).value();
            collector.accept(key, random.nextInt(4) == 0 ? null : value);
        }
        for (long version = 0; version <= 4; version++) {
            try {
                collector.serving("player");
                ModelArtifact artifact = collector.artifact("player", version);
                assertThat(artifact.manifest().version()).isEqualTo(version);
            } catch (RefusedException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }
}
