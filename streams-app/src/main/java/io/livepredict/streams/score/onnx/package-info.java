/** Scoring with ONNX Runtime, on CPU or GPU. The only package of the streams app that imports {@code ai.onnxruntime}. */
@NullMarked
package io.livepredict.streams.score.onnx;

import org.jspecify.annotations.NullMarked;
