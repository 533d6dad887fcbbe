package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.livepredict.trainer.imports.Candidate.Sort;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds what a model's outputs are, by the operators that make them. */
final class Candidates {
    /** Operators whose first input holds the same figures, arranged otherwise. */
    static final Set<String> ARRANGE = Set.of(
            "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Gather", "Slice", "Split", "Transpose");

    static final Set<String> CLASSIFIERS = Set.of("LinearClassifier", "TreeEnsembleClassifier", "SVMClassifier");
    private static final Set<String> SQUASH = Set.of("Sigmoid", "Softmax", "HardSigmoid", "Normalizer");
    private static final Set<String> LABEL = Set.of("ArgMax", "LabelEncoder", "ArrayFeatureExtractor");
    private static final Set<DataType> FIGURES =
            Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16);
    private static final Set<DataType> WHOLE =
            Set.of(DataType.INT64, DataType.INT32, DataType.INT8, DataType.UINT8, DataType.INT16, DataType.BOOL);

    private final Map<String, NodeProto> makers = new HashMap<>();
    /** Outputs that are none, with why. */
    private final Map<String, String> unusable = new LinkedHashMap<>();

    private final Map<String, Candidate> found = new LinkedHashMap<>();

    Candidates(GraphProto graph) {
        graph.getNodeList().forEach(node -> node.getOutputList().forEach(output -> makers.put(output, node)));
        for (ValueInfoProto output : graph.getOutputList()) {
            Candidate candidate = output.getType().hasTensorType() ? tensor(output) : dictionary(output);
            if (candidate != null) {
                found.put(candidate.name(), candidate);
            }
        }
    }

    /** By name. */
    Map<String, Candidate> all() {
        return found;
    }

    /** Why an output can't be taken; null if it can, or if there is none of that name. */
    @Nullable
    String unusable(String name) {
        return unusable.get(name);
    }

    private @Nullable Candidate tensor(ValueInfoProto output) {
        DataType type = Onnx.type(output);
        boolean text = type == DataType.STRING;
        if (!FIGURES.contains(type) && !WHOLE.contains(type) && !text) {
            unusable.put(output.getName(), "it is of type " + Onnx.words(type));
            return null;
        }
        Origin origin = origin(output.getName());
        String name = output.getName().toLowerCase(Locale.ROOT);
        Sort sort = text || WHOLE.contains(type)
                ? Sort.LABELS
                : origin.sort == Sort.VALUES && name.contains("prob")
                        ? Sort.PROBABILITIES
                        : origin.sort == Sort.VALUES && name.contains("logit") ? Sort.LOGITS : origin.sort;
        long width = Onnx.rank(output) == 1 ? 1 : Onnx.size(output, 1);
        List<String> classes = width < 0 || width == origin.classes.size() ? origin.classes : List.of();
        return new Candidate(output.getName(), output.getName(), sort, type, width, classes, Onnx.shape(output));
    }

    /** A list of dictionaries, one a row, is what ZipMap makes of a tensor. */
    private @Nullable Candidate dictionary(ValueInfoProto output) {
        NodeProto maker = makers.get(output.getName());
        while (maker != null && maker.getOpType().equals("Identity") && maker.getInputCount() == 1) {
            maker = makers.get(maker.getInput(0));
        }
        if (maker == null || !maker.getOpType().equals("ZipMap") || maker.getInputCount() != 1) {
            unusable.put(
                    output.getName(), "it is not a tensor; export it as one (skl2onnx: options={'zipmap': False})");
            return null;
        }
        List<String> classes = classes(maker);
        return new Candidate(
                output.getName(),
                maker.getInput(0),
                Sort.PROBABILITIES,
                DataType.FLOAT,
                classes.isEmpty() ? -1 : classes.size(),
                classes,
                "[rows, " + (classes.isEmpty() ? "?" : Integer.toString(classes.size())) + "]");
    }

    /** What made a value, behind whatever only arranges it. */
    private record Origin(Sort sort, List<String> classes) {}

    private Origin origin(String value) {
        Set<String> seen = new HashSet<>();
        String at = value;
        while (seen.add(at)) {
            NodeProto maker = makers.get(at);
            if (maker == null) {
                break;
            }
            String operator = maker.getOpType();
            if (CLASSIFIERS.contains(operator)) {
                boolean label = maker.getOutput(0).equals(at);
                return new Origin(label ? Sort.LABELS : classifierSort(maker), classes(maker));
            }
            if (LABEL.contains(operator)) {
                return new Origin(Sort.LABELS, List.of());
            }
            if (SQUASH.contains(operator)) {
                return new Origin(Sort.PROBABILITIES, classesBefore(maker));
            }
            if (!ARRANGE.contains(operator) || maker.getInputCount() == 0) {
                break;
            }
            at = maker.getInput(0);
        }
        return new Origin(Sort.VALUES, List.of());
    }

    /** Trees without a last function give the shares of their leaves, SVMs and linear models distances. */
    private static Sort classifierSort(NodeProto classifier) {
        AttributeProto after = Onnx.attribute(classifier, "post_transform");
        boolean none = after == null || Onnx.text(after.getS()).equals("NONE");
        return !none
                        || classifier.getOpType().equals("TreeEnsembleClassifier")
                        || classifier.getOpType().equals("SVMClassifier")
                                && Onnx.attribute(classifier, "prob_a") != null
                ? Sort.PROBABILITIES
                : Sort.LOGITS;
    }

    private List<String> classesBefore(NodeProto node) {
        NodeProto before = node.getInputCount() == 0 ? null : makers.get(node.getInput(0));
        return before != null && CLASSIFIERS.contains(before.getOpType()) ? classes(before) : List.of();
    }

    private static List<String> classes(NodeProto node) {
        for (String name : List.of("classlabels_strings")) {
            AttributeProto texts = Onnx.attribute(node, name);
            if (texts != null && texts.getStringsCount() > 0) {
                return texts.getStringsList().stream().map(Onnx::text).toList();
            }
        }
        for (String name : List.of("classlabels_int64s", "classlabels_ints")) {
            AttributeProto numbers = Onnx.attribute(node, name);
            if (numbers != null && numbers.getIntsCount() > 0) {
                return numbers.getIntsList().stream().map(String::valueOf).toList();
            }
        }
        return List.of();
    }
}
