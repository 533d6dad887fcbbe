package io.livepredict.trainer.graph;

/** A graph that can't be built: the message names the node and the shapes. */
public final class GraphException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public GraphException(String message) {
        super(message);
    }
}
