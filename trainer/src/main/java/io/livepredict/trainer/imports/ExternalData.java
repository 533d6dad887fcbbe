package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes weights that lie in files beside the model into the model. Only files in the model's own folder are read. */
final class ExternalData {
    private static final String REMEDY =
            "keep the file beside the model, or write one file (torch.onnx.export(…, external_data=False),"
                    + " onnx.save(…, save_as_external_data=False))";

    private final @Nullable Path folder;
    private final long limit;
    private long taken;

    private ExternalData(@Nullable Path folder, long limit) {
        this.folder = folder;
        this.limit = limit;
    }

    /**
     * The same model with all its weights in it.
     *
     * @param folder where the model lies; null where it is not known
     * @param limit bytes that may be taken in
     * @throws RefusedOperationException if a file is not there, lies elsewhere, or is too large
     */
    static ModelProto takenInto(ModelProto model, @Nullable Path folder, long limit) {
        ModelProto.Builder whole = model.toBuilder();
        new ExternalData(folder, limit).take(whole.getGraphBuilder());
        return whole.build();
    }

    private void take(GraphProto.Builder graph) {
        graph.getInitializerBuilderList().forEach(this::take);
        for (NodeProto.Builder node : graph.getNodeBuilderList()) {
            for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
                if (attribute.hasT()) {
                    take(attribute.getTBuilder());
                }
                attribute.getTensorsBuilderList().forEach(this::take);
                if (attribute.hasG()) {
                    take(attribute.getGBuilder());
                }
                attribute.getGraphsBuilderList().forEach(this::take);
            }
        }
    }

    private void take(TensorProto.Builder tensor) {
        if (tensor.getDataLocation() != TensorProto.DataLocation.EXTERNAL && tensor.getExternalDataCount() == 0) {
            return;
        }
        Map<String, String> said = new HashMap<>();
        for (StringStringEntryProto entry : tensor.getExternalDataList()) {
            said.put(entry.getKey(), entry.getValue());
        }
        String location = said.getOrDefault("location", "");
        String what = "EXTERNAL_DATA: tensor '" + tensor.getName() + "' lies in another file, '" + location + "'";
        try (RandomAccessFile file =
                new RandomAccessFile(resolve(location, what).toFile(), "r")) {
            long offset = number(said.get("offset"), 0, what);
            long length = number(said.get("length"), file.length() - offset, what);
            if (offset < 0 || length < 0 || length > file.length() - offset) {
                throw new RefusedOperationException(what + ", which has " + file.length() + " bytes and should have "
                        + length + " from byte " + offset + " on; export the model again");
            }
            taken += length;
            if (taken > limit) {
                throw new RefusedOperationException(
                        what + ", and together they have more than " + limit + " bytes; a model must be smaller");
            }
            byte[] bytes = new byte[(int) length];
            file.seek(offset);
            file.readFully(bytes);
            tensor.clearExternalData().clearDataLocation().setRawData(ByteString.copyFrom(bytes));
        } catch (IOException e) {
            throw new RefusedOperationException(what + ", which can't be read; " + REMEDY, e);
        }
    }

    /** The file's true place, which must be in the model's folder, links followed. */
    private Path resolve(String location, String what) throws IOException {
        if (folder == null) {
            throw new RefusedOperationException(what + "; " + REMEDY);
        }
        Path home = folder.toRealPath();
        try {
            Path file = home.resolve(location);
            if (location.isEmpty()
                    || Path.of(location).isAbsolute()
                    || !file.normalize().startsWith(home)
                    || !file.toRealPath().startsWith(home)) {
                throw new RefusedOperationException(
                        what + ", which is not in the model's folder; only files beside the model are read");
            }
            return file;
        } catch (InvalidPathException e) {
            throw new RefusedOperationException(what + ", which is not a file name; export the model again", e);
        }
    }

    private static long number(@Nullable String text, long otherwise, String what) {
        try {
            return text == null || text.isEmpty() ? otherwise : Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new RefusedOperationException(what + " at '" + text + "', which is not a number of bytes", e);
        }
    }
}
