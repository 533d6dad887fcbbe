/** Runs graphs in ONNX Runtime: the only package of the trainer that imports it. */
@NullMarked
package io.livepredict.trainer.ort;

import org.jspecify.annotations.NullMarked;
