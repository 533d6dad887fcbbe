/** Runs graphs in ONNX Runtime: the only package of the trainer that imports it. */
package io.livepredict.trainer.ort;
