package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.trainer.imports.Candidate.Sort;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Puts columns of a model's outputs together as the contract's scores. What is not said is found by what the outputs are: a
 * probability before a logit before a value, and of two classes the second.
 */
final class ImportedOutputs {
    private static final String OURS = GraphNames.OURS + "head/";

    private final Candidates candidates;
    private final List<Target> targets;
    private final ImportMapping mapping;
    private final Problems problems;
    private final List<String> notes;

    ImportedOutputs(
            GraphProto graph, List<Target> targets, ImportMapping mapping, Problems problems, List<String> notes) {
        this.candidates = new Candidates(graph);
        this.targets = targets;
        this.mapping = mapping;
        this.problems = problems;
        this.notes = notes;
    }

    /** Concatenates the heads; returns their targets. What can't be made is a problem. */
    List<Target> heads(GraphProto.Builder around) {
        Map<String, String> asked = asked();
        for (String name : asked.keySet()) {
            if (targets.stream().noneMatch(target -> target.name().equals(name))) {
                problems.add("there is no target '" + name + "'; there are "
                        + targets.stream().map(Target::name).toList());
            }
        }
        List<Target> heads = new ArrayList<>();
        NodeProto.Builder scores = Onnx.node("Concat", OnnxContract.SCORES).addAttribute(Onnx.attribute("axis", 1));
        for (Target target : targets) {
            String output = asked.get(target.name());
            String head = output == null ? null : head(around, target, output);
            if (head != null) {
                scores.addInput(head);
                heads.add(target);
            }
        }
        around.addNode(scores);
        return heads;
    }

    /** By target the output asked for, found where nothing is said. */
    private Map<String, String> asked() {
        if (!mapping.outputs().isEmpty()) {
            return mapping.outputs();
        }
        Map<String, String> named = new LinkedHashMap<>();
        for (Target target : targets) {
            candidates.all().keySet().stream()
                    .filter(output -> plain(output).equals(plain(target.name())))
                    .findFirst()
                    .ifPresent(output -> named.put(target.name(), output));
        }
        if (named.isEmpty() && targets.size() == 1) {
            named.put(targets.get(0).name(), "");
        }
        if (named.isEmpty()) {
            problems.add(
                    "say which output predicts which target, --output TARGET=OUTPUT or --output TARGET=OUTPUT:COLUMN; "
                            + described() + ", the targets "
                            + targets.stream().map(Target::name).toList());
        }
        return named;
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_");
    }

    private String described() {
        return "the outputs are "
                + candidates.all().values().stream().map(Candidate::described).collect(Collectors.joining(", "));
    }

    /** One column of an output; returns the name of a value float32 [N, 1], or null. */
    private @Nullable String head(GraphProto.Builder around, Target target, String asked) {
        String name = asked;
        String part = "";
        int colon = asked.lastIndexOf(':');
        // A name may itself have a colon in it.
        if (!candidates.all().containsKey(asked) && colon >= 0) {
            name = asked.substring(0, colon);
            part = asked.substring(colon + 1);
        }
        Candidate candidate =
                name.isEmpty() ? likeliest(target) : candidates.all().get(name);
        if (candidate == null) {
            if (!name.isEmpty()) {
                String why = candidates.unusable(name);
                problems.add(
                        why == null
                                ? "the model has no output '" + name + "'; " + described()
                                : "output '" + name + "' can't be taken: " + why);
            }
            return null;
        }
        boolean sigmoid = target.isBinary() && (mapping.logits() || candidate.sort() == Sort.LOGITS);
        String value = candidate.sort() == Sort.LABELS
                ? label(around, target, candidate, part)
                : column(around, target, candidate, part);
        if (value != null && sigmoid && candidate.sort() != Sort.LABELS) {
            around.addNode(Onnx.node("Sigmoid", OURS + target.name() + "/sigmoid", value));
            notes.add("the sigmoid of '" + candidate.name() + "' predicts " + target.name());
            return OURS + target.name() + "/sigmoid";
        }
        return value;
    }

    /** The output that a target is most likely predicted by, if there is one such. */
    private @Nullable Candidate likeliest(Target target) {
        List<Candidate> ordered = candidates.all().values().stream()
                .filter(candidate -> candidate.type() != DataType.STRING)
                .sorted(Comparator.comparing(candidate -> rank(target, candidate)))
                .toList();
        if (ordered.isEmpty()) {
            problems.add("none of the model's outputs can predict a target; it needs one of numbers, [rows, columns]");
            return null;
        }
        Candidate first = ordered.get(0);
        if (ordered.size() > 1 && rank(target, first) == rank(target, ordered.get(1))) {
            problems.add("several outputs could predict " + target.name() + "; say which, --output " + target.name()
                    + "=OUTPUT:COLUMN; " + described());
            return null;
        }
        return first;
    }

    private static int rank(Target target, Candidate candidate) {
        Sort sort = candidate.sort();
        return target.isBinary() || sort == Sort.LABELS ? sort.ordinal() : -sort.ordinal();
    }

    private @Nullable String column(GraphProto.Builder around, Target target, Candidate candidate, String part) {
        Integer column;
        if (!part.isEmpty()) {
            column = candidate.column(part);
            if (column == null) {
                problems.add("output " + candidate.described() + " has " + candidate.width()
                        + " columns, counted from 0, and column " + part + " is asked for");
                return null;
            }
        } else if (candidate.width() == 1) {
            column = 0;
        } else if (candidate.width() == 2 && candidate.sort() == Sort.PROBABILITIES && target.isBinary()) {
            column = 1;
            notes.add("column 1 of '" + candidate.name() + "'"
                    + (candidate.classes().isEmpty()
                            ? ""
                            : ", class " + candidate.classes().get(1) + ",") + " predicts " + target.name());
        } else if (candidate.width() < 0 && candidate.classes().isEmpty()) {
            return rows(around, target, candidate, 1, GraphNames.ONLY_COLUMN); // how many it has shows when it runs
        } else {
            problems.add("output " + candidate.described() + " has several columns; say which column, --output "
                    + target.name() + "=" + candidate.name() + ":COLUMN, counted from 0"
                    + (candidate.classes().isEmpty() ? "" : ", or :CLASS"));
            return null;
        }
        return GraphNames.gather(around, rows(around, target, candidate), OURS + target.name() + "/column", column);
    }

    /** As float32 [N, columns], whatever it was. */
    private static String rows(GraphProto.Builder around, Target target, Candidate candidate) {
        return rows(around, target, candidate, -1, "rows");
    }

    /** @param columns how many there must be; -1 for any number */
    private static String rows(
            GraphProto.Builder around, Target target, Candidate candidate, long columns, String name) {
        String own = OURS + target.name();
        String value = GraphNames.theirs(candidate.value());
        if (candidate.type() != DataType.FLOAT) {
            around.addNode(Onnx.cast(own + "/float", value, DataType.FLOAT));
            value = own + "/float";
        }
        String shaped = own + '/' + name;
        around.addInitializer(Onnx.longs(own + "/shape", 0, columns));
        around.addNode(Onnx.node("Reshape", shaped, value, own + "/shape").setName(shaped));
        return shaped;
    }

    /** 1 where the label is the class that is asked for; the label itself where none is. */
    private @Nullable String label(GraphProto.Builder around, Target target, Candidate candidate, String part) {
        String own = OURS + target.name();
        if (candidate.type() == DataType.STRING || !part.isEmpty() && !part.matches("-?\\d{1,18}")) {
            problems.add("output " + candidate.described()
                    + " is a label, not how likely it is; take an output of probabilities; " + described());
            return null;
        }
        if (candidate.width() > 1) {
            problems.add("output " + candidate.described() + " has several labels; take an output with one");
            return null;
        }
        notes.add("output " + candidate.described() + " says yes or no, not how likely; an output of probabilities"
                + " would predict " + target.name() + " better");
        String value = rows(around, target, candidate);
        if (part.isEmpty()) {
            return value;
        }
        around.addInitializer(Onnx.longs(own + "/class", Long.parseLong(part)));
        around.addNode(Onnx.cast(own + "/whole", value, DataType.INT64));
        around.addNode(Onnx.node("Equal", own + "/is", own + "/whole", own + "/class"));
        around.addNode(Onnx.cast(own + "/one", own + "/is", DataType.FLOAT));
        return own + "/one";
    }
}
