/** ONNX graph building and reverse-mode differentiation. Knows nothing of Kafka, nor of what the numbers mean. */
package io.livepredict.trainer.graph;
