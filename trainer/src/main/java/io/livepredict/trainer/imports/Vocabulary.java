package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.IdFeature;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The texts that an input of strings knows, as the buckets of a hashed id: vectors hold no texts. What a model does not know
 * is an empty text to it, unless it falls into the bucket of one that it knows.
 */
final class Vocabulary {
    private static final String CONTEXT = "id.context";
    private static final Set<String> PASSES_ON =
            Set.of("Identity", "Reshape", "ArrayFeatureExtractor", "Gather", "Squeeze", "Unsqueeze", "Slice", "Split");
    private static final Set<String> TEXTS = Set.of("keys_strings", "cats_strings", "classes_strings");

    private Vocabulary() {}

    /** What the operators that an input goes into compare it with. */
    static Set<String> of(GraphProto graph, String input) {
        Set<String> texts = new LinkedHashSet<>();
        Set<String> values = new HashSet<>(Set.of(input));
        for (NodeProto node : graph.getNodeList()) {
            if (node.getInputList().stream().noneMatch(values::contains)) {
                continue;
            }
            if (PASSES_ON.contains(node.getOpType()) || node.getOpType().equals("Concat")) {
                values.addAll(node.getOutputList());
            }
            for (AttributeProto attribute : node.getAttributeList()) {
                if (TEXTS.contains(attribute.getName())) {
                    attribute.getStringsList().forEach(text -> texts.add(Onnx.text(text)));
                }
            }
        }
        return texts;
    }

    /** For each bucket of the id the text it stands for, empty where it stands for none; says in the notes what that costs. */
    static String[] byBucket(IdFeature id, Set<String> texts, List<String> notes) {
        String[] table = new String[id.buckets()];
        Arrays.fill(table, "");
        for (String text : texts) {
            if (text.isEmpty()) {
                continue;
            }
            int bucket = id.name().equals(CONTEXT)
                    ? Hashes.bucketOfId64(Hashes.id64(text), id.buckets())
                    : Hashes.bucket(text, id.buckets());
            if (table[bucket].isEmpty()) {
                table[bucket] = text;
            } else {
                notes.add("'" + table[bucket] + "' and '" + text + "' fall into the same of the " + id.buckets()
                        + " buckets of " + id.name() + ": both are '" + table[bucket]
                        + "' to the model; more buckets for that attribute tell them apart");
            }
        }
        notes.add(String.format(
                Locale.ROOT,
                "%s stands for %d texts by hash: another text is taken for one of them with a chance of %.2g",
                id.name(),
                texts.size(),
                (double) texts.size() / id.buckets()));
        return table;
    }
}
