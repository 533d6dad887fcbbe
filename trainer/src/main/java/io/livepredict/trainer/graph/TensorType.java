package io.livepredict.trainer.graph;

/** Element type and shape of a tensor. */
public record TensorType(ElementType element, Shape shape) {
    @Override
    public String toString() {
        return element + shape.toString();
    }
}
