/** ONNX Runtime as both programs start it. */
package io.livepredict.onnx;
