package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.OnnxFile;
import io.livepredict.model.RefusedException;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Puts a graph that someone else made between the inputs and outputs of {@link OnnxContract}: what it calls its values gets a
 * prefix, its inputs take their columns of {@code dense} and {@code ids}, and the wanted columns of its outputs become {@code
 * scores}. Its operators and their operator sets stay as they are; what the scores do not need is left out. A fixed number
 * of rows, as exporters write it down, is made free.
 */
final class ImportedGraph {
    /** The oldest operator set in which every operator that is put around has the form used here. */
    private static final long OLDEST_OPSET = 6;

    private static final String ML = "ai.onnx.ml";

    private ImportedGraph() {}

    /**
     * The wrapped model.
     *
     * @param schema the features it takes, in the order of its inputs
     * @param heads the targets it predicts, in the order of its scores
     * @param whole features of which it takes whole numbers only
     * @param notes what the user should know, a line each
     * @param fixedRows the number of rows that it was exported for, -1 for any
     */
    @SuppressWarnings("ArrayRecordComponent") // moved, never compared
    record Wrapped(
            byte[] onnx,
            FeatureSchema schema,
            List<Target> heads,
            Set<String> whole,
            List<String> notes,
            long fixedRows) {}

    /**
     * Wraps a model.
     *
     * @param schema the kind's features
     * @param targets the kind's targets
     * @throws RefusedOperationException if it can't be; the message is one line that says all that is in the way
     */
    static Wrapped wrap(ModelProto model, ImportMapping mapping, FeatureSchema schema, List<Target> targets) {
        return wrap(model, mapping, schema, targets, false);
    }

    /** The same, one row after the other through a graph that holds fast to its number of rows. */
    static Wrapped wrapByRow(ModelProto model, ImportMapping mapping, FeatureSchema schema, List<Target> targets) {
        return wrap(model, mapping, schema, targets, true);
    }

    private static Wrapped wrap(
            ModelProto model, ImportMapping mapping, FeatureSchema schema, List<Target> targets, boolean byRow) {
        Problems problems = new Problems();
        List<String> notes = new ArrayList<>();
        GraphProto graph = model.getGraph();
        long opset = opset(model, problems);
        if (model.getFunctionsCount() > 0) {
            problems.add("NON_STANDARD_OPERATOR: the model defines functions of its own; inline them"
                    + " (onnx.inliner.inline_local_functions, torch.onnx.export(…, dynamo=True, optimize=True))");
        }
        GraphProto.Builder around = GraphProto.newBuilder().setName(graph.getName());
        ImportedInputs inputs = new ImportedInputs(graph, schema, mapping, problems, notes);
        inputs.feed(around);
        GraphProto.Builder after = GraphProto.newBuilder();
        List<Target> heads = new ImportedOutputs(graph, targets, mapping, problems, notes).heads(after);
        if (byRow) {
            GraphProto theirs = GraphNames.prefixed(graph, -1);
            around = new RowByRow(graph, inputs.fixedRows(), inputs.all()).put(around, theirs, after.getNodeList());
        } else {
            GraphProto theirs = GraphNames.prefixed(graph, inputs.fixedRows());
            around.addAllNode(theirs.getNodeList())
                    .addAllInitializer(theirs.getInitializerList())
                    .addAllSparseInitializer(theirs.getSparseInitializerList())
                    .addAllNode(after.getNodeList());
        }
        around.addAllInitializer(after.getInitializerList());
        FeatureSchema taken = inputs.taken();
        if (!taken.dense().isEmpty()) {
            around.addInput(
                    Onnx.rows(OnnxContract.DENSE, DataType.FLOAT, taken.dense().size()));
        }
        if (!taken.ids().isEmpty()) {
            around.addInput(
                    Onnx.rows(OnnxContract.IDS, DataType.INT32, taken.ids().size()));
        }
        around.addOutput(Onnx.rows(OnnxContract.SCORES, DataType.FLOAT, heads.size()));
        ModelProto.Builder wrapped = model.toBuilder()
                .setIrVersion(OnnxContract.IR_VERSION)
                .clearOpsetImport() // a set that is imported and not used does no harm
                .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
                .clearTrainingInfo()
                .clearMetadataProps()
                .setGraph(GraphNames.needed(around.build()));
        long learned = newest(model, Set.of(ML));
        if (learned > 0) {
            wrapped.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(ML).setVersion(learned));
        }
        ModelProto whole = wrapped.build();
        try {
            OnnxFile.check(whole);
        } catch (RefusedException e) {
            problems.add(e.reason() + ": " + e.getMessage() + Remedy.ofOperators(model));
        }
        problems.refuse();
        return new Wrapped(whole.toByteArray(), taken, heads, inputs.whole(), notes, inputs.fixedRows());
    }

    /** Whether {@link #wrapByRow} may do for a model that {@link #wrap} does not. */
    static boolean mayRunByRow(ModelProto model, Wrapped wrapped) {
        return wrapped.fixedRows() > 0
                && wrapped.fixedRows() <= RowByRow.MOST_ROWS
                && opset(model, new Problems()) >= RowByRow.OLDEST_OPSET;
    }

    private static long opset(ModelProto model, Problems problems) {
        long opset = newest(model, Set.of("", "ai.onnx"));
        boolean standard = model.getGraph().getNodeList().stream()
                .map(NodeProto::getDomain)
                .anyMatch(domain -> domain.isEmpty() || domain.equals("ai.onnx"));
        if (opset == 0 && !standard) {
            return OnnxContract.OPSET; // nothing of the model's own rests on it
        }
        if (opset < OLDEST_OPSET) {
            problems.add("the model is of ONNX operator set " + Math.max(1, opset) + "; export it again with set "
                    + OLDEST_OPSET + " or newer (torch: opset_version=, skl2onnx and onnxmltools: target_opset=)");
        }
        return Math.max(1, opset);
    }

    /** The newest of the operator sets that are imported of these domains, in whatever order and however often; 0 for none. */
    private static long newest(ModelProto model, Set<String> domains) {
        return model.getOpsetImportList().stream()
                .filter(imported -> domains.contains(imported.getDomain()))
                .mapToLong(OperatorSetIdProto::getVersion)
                .max()
                .orElse(0);
    }
}
