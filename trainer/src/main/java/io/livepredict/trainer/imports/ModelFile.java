package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import io.livepredict.model.ModelJson;
import io.livepredict.model.RefusedException;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file that a user brings, and what lies beside it.
 *
 * @param onnx its bytes, without those that lie in other files
 * @param model the same, whole
 * @param manifest what {@code models export} wrote beside it; nothing if there is none of these very bytes
 */
@SuppressWarnings("ArrayRecordComponent") // moved, never compared
public record ModelFile(byte[] onnx, ModelProto model, Optional<ModelManifest> manifest) {
    /** A larger model would not reach scorers whose heap is of the usual size. */
    static final long LIMIT = 64L << 20;

    private static final String SUFFIX = ".onnx";

    /**
     * Bytes with nothing beside them.
     *
     * @throws RefusedOperationException if they are no ONNX model, or need other files
     */
    public static ModelFile of(byte[] onnx) {
        return of(onnx, null, Optional.empty());
    }

    /**
     * Reads a file.
     *
     * @throws RefusedOperationException if it is not there, too large or no ONNX model, or if a file that it names can't be
     *     taken in; the message is one line
     */
    public static ModelFile read(Path file) throws IOException {
        try {
            long size = Files.size(file);
            if (size > LIMIT) {
                throw new RefusedOperationException(
                        "file " + file + " has " + size + " bytes; a model may have " + LIMIT);
            }
            byte[] onnx = Files.readAllBytes(file);
            return of(onnx, file.toAbsolutePath().getParent(), beside(file, onnx));
        } catch (NoSuchFileException e) {
            throw new RefusedOperationException("file " + file + " does not exist", e);
        }
    }

    private static ModelFile of(byte[] onnx, @Nullable Path folder, Optional<ModelManifest> manifest) {
        ModelProto model;
        try {
            model = ModelProto.parseFrom(onnx);
        } catch (InvalidProtocolBufferException e) {
            throw new RefusedOperationException("the file is not an ONNX model: " + e.getMessage(), e);
        }
        if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
            throw new RefusedOperationException("the file is not an ONNX model: it has no graph");
        }
        return new ModelFile(onnx, ExternalData.takenInto(model, folder, LIMIT - onnx.length), manifest);
    }

    private static Optional<ModelManifest> beside(Path file, byte[] onnx) throws IOException {
        String name = String.valueOf(file.getFileName());
        String base = name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
        Path json = file.resolveSibling(base + ".json");
        if (!Files.isRegularFile(json) || Files.size(json) > LIMIT) {
            return Optional.empty();
        }
        try {
            ModelManifest manifest = ModelJson.readManifest(Files.readString(json));
            return Optional.of(manifest).filter(of -> of.sha256().equals(Hashes.sha256(onnx)));
        } catch (RefusedException e) {
            return Optional.empty(); // some other JSON of that name
        }
    }
}
