package io.livepredict.trainer.imports;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An output that could predict a target.
 *
 * @param name as the model calls it
 * @param value the tensor that is taken for it; another one than the output where that is a dictionary made of it
 * @param sort what it is, as far as the graph shows
 * @param type of its elements
 * @param width its columns; -1 where that is not said
 * @param classes what its columns stand for; empty where that is not said
 * @param shape in words
 */
record Candidate(String name, String value, Sort sort, DataType type, long width, List<String> classes, String shape) {

    /** In the order in which they are looked for where it is not said which one to take for a probability. */
    enum Sort {
        PROBABILITIES,
        LOGITS,
        VALUES,
        LABELS
    }

    String described() {
        return "'" + name + "' ("
                + switch (sort) {
                    case PROBABILITIES -> "probabilities, ";
                    case LOGITS -> "logits, ";
                    case VALUES -> "";
                    case LABELS -> "labels, ";
                }
                + Onnx.words(type) + " " + shape
                + (classes.isEmpty() || sort == Sort.LABELS
                        ? ""
                        : "; its columns are the classes "
                                + String.join(", ", classes.size() <= MANY ? classes : classes.subList(0, MANY))
                                + (classes.size() <= MANY ? "" : ", …"))
                + ")";
    }

    private static final int MANY = 10;

    /** The column of that class, or of that number from 0; null if there is none. */
    @Nullable
    Integer column(String asked) {
        if (asked.matches("\\d{1,9}")) {
            int column = Integer.parseInt(asked);
            return width >= 0 && column >= width ? null : Integer.valueOf(column);
        }
        int of = classes.indexOf(asked);
        return of < 0 ? null : Integer.valueOf(of);
    }
}
