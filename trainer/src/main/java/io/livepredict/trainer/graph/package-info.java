/** ONNX graph building and reverse-mode differentiation. Knows nothing of Kafka, nor of what the numbers mean. */
@NullMarked
package io.livepredict.trainer.graph;

import org.jspecify.annotations.NullMarked;
