package io.livepredict.deploy.bench;

import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import org.apache.kafka.streams.Topology;

/** A topology that takes the bench's event topics to a namespace of its own. */
interface BenchFlow {
    /** Its name in the report. */
    String name();

    /**
     * Builds it.
     *
     * @param topics where results go
     * @param serdes which it uses for everything that it reads and writes
     */
    Topology topology(Topics topics, SerdeSource serdes);
}
