package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.streams.api.Instances.Has;
import java.util.List;

/** What this very instance has of one kind, spread over all instances by a key. */
interface Holding {
    Kind kind();

    /** The store by which the instance that has a key is known. */
    String store();

    /** How many tasks have a part of it, over all instances. */
    int partitions();

    /** What is said of a key that no partition has. */
    String unknown();

    /**
     * What is here.
     *
     * @param copies of others' tasks, instead of own tasks
     */
    Has here(List<String> ids, Ask ask, boolean copies);
}
