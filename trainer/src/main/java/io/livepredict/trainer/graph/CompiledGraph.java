package io.livepredict.trainer.graph;

import java.util.Map;

/** A model ready to run. Close every {@link Call} before it. Not safe for use from several threads. */
public interface CompiledGraph extends AutoCloseable {
    /** Binds every input and output, by name, to memory that is read and written at each run. */
    Call bind(Map<String, HostTensor> inputs, Map<String, HostTensor> outputs);

    @Override
    void close();

    /** A compiled graph with its memory. */
    interface Call extends AutoCloseable {
        /** Computes the outputs from what is in the inputs now. */
        void run();

        @Override
        void close();
    }
}
