package io.livepredict.trainer.graph;

/**
 * A tensor in a {@link Graph}: an input, a literal or what a node gives.
 *
 * @param name unique in its graph
 * @param type element type and shape
 */
public record Value(String name, TensorType type) {
    public Shape shape() {
        return type.shape();
    }

    public ElementType element() {
        return type.element();
    }

    @Override
    public String toString() {
        return name + " " + type;
    }
}
