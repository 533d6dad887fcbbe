/** Scoring with ONNX Runtime, on CPU or GPU. The only package of the streams app that imports {@code ai.onnxruntime}. */
package io.livepredict.streams.score.onnx;
