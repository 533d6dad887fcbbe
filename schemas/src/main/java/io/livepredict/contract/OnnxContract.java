package io.livepredict.contract;

/**
 * The inputs and outputs of every ONNX model in the models topic. N rows; D dense features, K sequence steps, I ids, T
 * targets, each as the model's own manifest lists them. A model has the inputs it uses and no others.
 */
public final class OnnxContract {
    /** float32 [N, D], raw values: scaling and normalisation are in the graph. */
    public static final String DENSE = "dense";
    /** int32 [N, K]. */
    public static final String SEQUENCE_TYPES = "sequence_types";
    /** float32 [N, K]. */
    public static final String SEQUENCE_GAPS = "sequence_gaps";
    /** int32 [N, I]. */
    public static final String IDS = "ids";
    /** bool []; where a model has it, attributions are computed only when it is true. */
    public static final String EXPLAIN = "explain";
    /** float32 [N, T]: probabilities, or for a sum-of target the value. */
    public static final String SCORES = "scores";
    /** float32 [N, T, D + K + I] when explain is true, [0, T, D + K + I] otherwise: contributions to the logit. */
    public static final String ATTRIBUTIONS = "attributions";
    /** ONNX operator set of what the trainer exports. */
    public static final int OPSET = 21;
    /** ONNX IR version of what the trainer exports: the first with that operator set. */
    public static final int IR_VERSION = 10;

    private OnnxContract() {}
}
