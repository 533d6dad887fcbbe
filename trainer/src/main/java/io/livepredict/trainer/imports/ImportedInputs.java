package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.OnnxContract;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Feeds a model's inputs from the contract's: each input takes a row of features, [rows, columns], or one feature, [rows],
 * in whatever type of number or in strings. Features that are not named are found by name, or by position.
 */
final class ImportedInputs {
    private static final Set<DataType> NUMBERS = Set.of(
            DataType.FLOAT,
            DataType.DOUBLE,
            DataType.FLOAT16,
            DataType.BFLOAT16,
            DataType.INT64,
            DataType.INT32,
            DataType.INT16,
            DataType.INT8,
            DataType.UINT64,
            DataType.UINT32,
            DataType.UINT16,
            DataType.UINT8,
            DataType.BOOL);
    private static final Set<DataType> FRACTIONS =
            Set.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16);

    private static final String OURS = GraphNames.OURS + "input/";
    private static final String BOTH = OURS + "dense-and-ids";

    private final GraphProto graph;
    private final FeatureSchema schema;
    private final ImportMapping mapping;
    private final Problems problems;
    private final List<String> notes;
    private final Map<String, ValueInfoProto> inputs = new LinkedHashMap<>();
    private final Map<String, DenseFeature> knownDense = new HashMap<>();
    private final Map<String, IdFeature> knownIds = new HashMap<>();
    /** Features in the order in which they are asked for first, with their place in the contract's input. */
    private final Map<String, Integer> dense = new LinkedHashMap<>();

    private final Map<String, Integer> ids = new LinkedHashMap<>();
    private final Set<String> whole = new LinkedHashSet<>();

    ImportedInputs(
            GraphProto graph, FeatureSchema schema, ImportMapping mapping, Problems problems, List<String> notes) {
        this.graph = graph;
        this.schema = schema;
        this.mapping = mapping;
        this.problems = problems;
        this.notes = notes;
        graph.getInputList().forEach(input -> inputs.put(input.getName(), input));
        // Up to IR version 3 every constant is an input too.
        graph.getInitializerList().forEach(constant -> inputs.remove(constant.getName()));
        graph.getSparseInitializerList()
                .forEach(constant -> inputs.remove(constant.getValues().getName()));
        schema.dense().forEach(feature -> knownDense.put(feature.name(), feature));
        schema.ids().forEach(feature -> knownIds.put(feature.name(), feature));
    }

    /** The features that are taken, in the order of the contract's inputs. */
    FeatureSchema taken() {
        return new FeatureSchema(
                schema.kind(),
                dense.keySet().stream().map(knownDense::get).toList(),
                schema.eventTypes(),
                0,
                "",
                ids.keySet().stream().map(knownIds::get).toList());
    }

    /** Features of which an input takes whole numbers only. */
    Set<String> whole() {
        return whole;
    }

    /** The inputs that are no constants, by name. */
    Map<String, ValueInfoProto> all() {
        return inputs;
    }

    /** Whether rows are of a number that was fixed when the model was exported, and of which. */
    long fixedRows() {
        return inputs.values().stream()
                .mapToLong(input -> Onnx.size(input, 0))
                .filter(size -> size > 0)
                .findFirst()
                .orElse(-1);
    }

    /** Makes all inputs of the contract's; what can't be made is a problem. */
    void feed(GraphProto.Builder around) {
        for (Collection<String> named :
                List.of(mapping.inputs().keySet(), mapping.strings().keySet())) {
            named.stream()
                    .filter(name -> !inputs.containsKey(name))
                    .forEach(name ->
                            problems.add("the model has no input '" + name + "'; its inputs are " + described()));
        }
        Map<String, List<String>> features = new LinkedHashMap<>();
        List<String> unsaid = new ArrayList<>();
        inputs.forEach((name, input) -> {
            List<String> own = features(name, input, unsaid);
            if (own != null && fits(name, input, own)) {
                features.put(name, own);
            }
        });
        if (!unsaid.isEmpty()) {
            problems.add("nothing is said of the model's inputs " + Onnx.names(unsaid)
                    + ", and no features have these names; say for each which features it takes, --input "
                    + unsaid.get(0) + "=FEATURE,…; its inputs are " + described());
        }
        if (inputs.isEmpty()) {
            problems.add("the model has no inputs; it would score everybody the same");
        }
        features.values()
                .forEach(own -> own.forEach(name -> {
                    Map<String, Integer> columns = knownDense.containsKey(name) ? dense : ids;
                    columns.putIfAbsent(name, columns.size());
                }));
        features.forEach((name, own) -> feed(around, name, inputs.get(name), own));
    }

    private String described() {
        return inputs.entrySet().stream()
                .map(input -> "'" + input.getKey() + "' (" + Onnx.words(Onnx.type(input.getValue())) + " "
                        + Onnx.shape(input.getValue()) + ")")
                .collect(Collectors.joining(", "));
    }

    // ---- which features ----

    private @Nullable List<String> features(String name, ValueInfoProto input, List<String> unsaid) {
        List<String> asked = mapping.inputs().get(name);
        if (asked != null) {
            List<String> unknown = asked.stream()
                    .filter(feature -> !knownDense.containsKey(feature) && !knownIds.containsKey(feature))
                    .toList();
            unknown.forEach(feature -> problems.add("there is no dense feature '" + feature + "' of "
                    + schema.kind().id() + ", and no id; the " + schema.dense().size() + " there are begin with "
                    + schema.dense().stream().limit(5).map(DenseFeature::name).collect(Collectors.joining(", "))
                    + "; the ids are "
                    + schema.ids().stream().map(IdFeature::name).collect(Collectors.joining(", "))));
            return unknown.isEmpty() ? asked : null;
        }
        String named = named(name);
        long width = Onnx.rank(input) == 1 ? 1 : Onnx.size(input, 1);
        if (named != null && (width == 1 || width < 0 && inputs.size() > 1)) {
            return List.of(named);
        }
        if (inputs.size() > 1) {
            unsaid.add(name);
            return null;
        }
        List<String> all = schema.dense().stream().map(DenseFeature::name).toList();
        // The columns of a table of examples, without its sequence.
        return width == all.size() + schema.ids().size() && !schema.ids().isEmpty()
                ? Stream.concat(all.stream(), schema.ids().stream().map(IdFeature::name))
                        .toList()
                : all;
    }

    /** The feature that an input is named after, however an exporter has spelt its dots; null if there is none or several. */
    private @Nullable String named(String input) {
        if (knownDense.containsKey(input) || knownIds.containsKey(input)) {
            return input;
        }
        List<String> alike = Stream.concat(knownDense.keySet().stream(), knownIds.keySet().stream())
                .filter(feature -> plain(feature).equals(plain(input)))
                .toList();
        return alike.size() == 1 ? alike.get(0) : null;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }

    private boolean fits(String name, ValueInfoProto input, List<String> features) {
        int rank = Onnx.rank(input);
        DataType type = Onnx.type(input);
        String what = "input '" + name + "' is of shape " + Onnx.shape(input);
        if (!input.getType().hasTensorType() || type == DataType.UNDEFINED) {
            problems.add("input '" + name + "' is not a tensor; it must be one of numbers or strings");
            return false;
        }
        boolean fits = true;
        if (!NUMBERS.contains(type) && type != DataType.STRING) {
            problems.add("input '" + name + "' is of type " + Onnx.words(type) + "; it must be of numbers or strings");
            fits = false;
        }
        if (rank == 0 || rank > 2 || rank == 1 && features.size() != 1) {
            problems.add(what + "; it must take a row of features each, [rows, " + features.size() + "]"
                    + (rank < 2 ? "; export it with a dimension for rows" : ""));
            return false;
        }
        long width = Onnx.size(input, 1);
        if (width > 0 && width != features.size()) {
            problems.add("input '" + name + "' takes " + width + " columns, " + Onnx.shape(input) + ", and "
                    + features.size() + " features are given to it; say which, --input " + name + "=FEATURE,…");
            return false;
        }
        if (type == DataType.STRING && features.stream().anyMatch(feature -> !knownIds.containsKey(feature))) {
            problems.add("input '" + name + "' takes strings, which only attributes have; say which, --input " + name
                    + "=id.ATTRIBUTE; there are "
                    + schema.ids().stream().map(IdFeature::name).collect(Collectors.joining(", ")));
            return false;
        }
        return fits;
    }

    // ---- graph ----

    private void feed(GraphProto.Builder around, String input, @Nullable ValueInfoProto info, List<String> features) {
        if (info == null) {
            return;
        }
        DataType type = Onnx.type(info);
        String value;
        DataType of;
        if (type == DataType.STRING) {
            value = strings(around, input, features);
            of = DataType.STRING;
        } else if (features.stream().allMatch(dense::containsKey)) {
            value = columns(around, OnnxContract.DENSE, input, features, dense);
            of = DataType.FLOAT;
        } else if (features.stream().allMatch(ids::containsKey)) {
            value = columns(around, OnnxContract.IDS, input, features, ids);
            of = DataType.INT32;
        } else {
            value = columns(around, both(around), input, features, places());
            of = DataType.FLOAT;
        }
        if (NUMBERS.contains(type) && !FRACTIONS.contains(type)) {
            whole.addAll(features);
        }
        String last = GraphNames.theirs(input);
        if (Onnx.rank(info) == 1) {
            around.addInitializer(Onnx.longs(OURS + input + "/rows", -1));
            around.addNode(Onnx.node("Reshape", OURS + input + "/flat", value, OURS + input + "/rows"));
            value = OURS + input + "/flat";
        }
        around.addNode(type == of ? Onnx.node("Identity", last, value) : Onnx.cast(last, value, type));
    }

    private static String columns(
            GraphProto.Builder around, String from, String input, List<String> features, Map<String, Integer> places) {
        if (features.equals(List.copyOf(places.keySet()))) {
            return from;
        }
        return GraphNames.gather(
                around,
                from,
                OURS + input,
                features.stream()
                        .mapToLong(name -> places.getOrDefault(name, 0))
                        .toArray());
    }

    private Map<String, Integer> places() {
        Map<String, Integer> places = new LinkedHashMap<>(dense);
        ids.forEach((name, place) -> places.put(name, dense.size() + place));
        return places;
    }

    /** The dense features and then the ids, as floats, which hold every bucket's number. */
    private static String both(GraphProto.Builder around) {
        if (around.getNodeList().stream().map(NodeProto::getOutputList).noneMatch(outputs -> outputs.contains(BOTH))) {
            around.addNode(Onnx.cast(OURS + "ids", OnnxContract.IDS, DataType.FLOAT));
            around.addNode(Onnx.node("Concat", BOTH, OnnxContract.DENSE, OURS + "ids")
                    .addAttribute(Onnx.attribute("axis", 1)));
        }
        return BOTH;
    }

    private String strings(GraphProto.Builder around, String input, List<String> features) {
        Set<String> texts = mapping.strings().containsKey(input)
                ? new LinkedHashSet<>(mapping.strings().get(input))
                : Vocabulary.of(graph, input);
        if (texts.isEmpty()) {
            problems.add(
                    "input '" + input + "' takes strings, and it can't be seen which it knows; say them, --strings "
                            + input + "=TEXT,… or " + input + "=@FILE");
        }
        NodeProto.Builder together = Onnx.node("Concat", OURS + input + "/texts");
        for (String feature : features) {
            IdFeature id = knownIds.get(feature);
            if (id != null) {
                String own = OURS + input + "/" + feature;
                around.addInitializer(Onnx.strings(own + "/by-bucket", Vocabulary.byBucket(id, texts, notes)));
                String bucket =
                        GraphNames.gather(around, OnnxContract.IDS, own + "/bucket", ids.getOrDefault(feature, 0));
                around.addNode(
                        Onnx.node("Gather", own, own + "/by-bucket", bucket).addAttribute(Onnx.attribute("axis", 0)));
                together.addInput(own);
            }
        }
        if (together.getInputCount() == 1) {
            return together.getInput(0);
        }
        around.addNode(together.addAttribute(Onnx.attribute("axis", 1)));
        return together.getOutput(0);
    }
}
