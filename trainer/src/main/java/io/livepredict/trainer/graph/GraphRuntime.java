package io.livepredict.trainer.graph;

/** What runs ONNX models. The maths packages build graphs against this and never see the engine. */
public interface GraphRuntime {
    /**
     * Compiles the model.
     *
     * @throws IllegalStateException if the engine refuses it
     */
    CompiledGraph compile(byte[] onnx);
}
