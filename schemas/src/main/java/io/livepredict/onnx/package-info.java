/** ONNX Runtime as both programs start it. */
@NullMarked
package io.livepredict.onnx;

import org.jspecify.annotations.NullMarked;
