package io.livepredict.model;

import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the records of the models topic. A version is its chunks and then its manifest; the pointer to it comes last.
 * All of them are sent in one transaction.
 */
public final class ModelPacker {
    /** The most ONNX bytes in one record: below Kafka's usual 1 MB with room for the frame. */
    public static final int CHUNK_BYTES = 900 * 1024;

    private ModelPacker() {}

    /** A record of the models topic. */
    public record Entry(String key, ModelRecord value) {}

    /** The manifest with its size, number of chunks, hash and format as these bytes have them. */
    public static ModelManifest complete(ModelManifest m, byte[] onnx) {
        return ModelManifestBuilder.builder(m)
                .format(ModelManifest.FORMAT)
                .bytes(onnx.length)
                .chunks(chunks(onnx.length))
                .sha256(Hashes.sha256(onnx))
                .build();
    }

    /**
     * The chunks of a version, then its manifest, {@linkplain #complete completed} and signed.
     *
     * @throws IllegalArgumentException if the name or version can't be a key
     */
    public static List<Entry> pack(ModelManifest manifest, byte[] onnx, ModelSigner signer) {
        ModelManifest whole = complete(manifest, onnx);
        String manifestKey = checked(ModelKeys.manifest(whole.name(), whole.version()));
        List<Entry> entries = new ArrayList<>(whole.chunks() + 1);
        for (int index = 0; index < whole.chunks(); index++) {
            int from = index * CHUNK_BYTES;
            ByteBuffer data = ByteBuffer.wrap(onnx, from, Math.min(CHUNK_BYTES, onnx.length - from))
                    .slice();
            entries.add(new Entry(
                    ModelKeys.chunk(whole.name(), whole.version(), index),
                    new ModelRecord(new ModelChunk(index, whole.chunks(), data))));
        }
        entries.add(new Entry(manifestKey, new ModelRecord(signer.sign(whole))));
        return List.copyOf(entries);
    }

    /**
     * A pointer, signed.
     *
     * @throws IllegalArgumentException if the name can't be a key
     */
    public static Entry pointer(ModelPointer pointer, ModelSigner signer) {
        return new Entry(checked(ModelKeys.serving(pointer.name())), new ModelRecord(signer.sign(pointer)));
    }

    /** The hash by which a pointer names the manifest among packed entries. */
    public static String manifestSha256(List<Entry> packed) {
        if (packed.getLast().value().getBody() instanceof SignedManifest manifest) {
            return Hashes.sha256(utf8(manifest.getJson()));
        }
        throw new IllegalArgumentException("the entries do not end with a manifest");
    }

    static int chunks(int bytes) {
        return (bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String checked(String key) {
        if (ModelKeys.parse(key).isEmpty()) {
            throw new IllegalArgumentException("'" + key
                    + "' can't be a key: a name is letters, digits, dots, dashes and underscores, a version is from 1");
        }
        return key;
    }
}
