package io.livepredict.streams.commit;

import java.util.Map;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.internals.InternalProcessorContext;
import org.apache.kafka.streams.processor.internals.ProcessorNode;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.internals.CacheFlushListener;
import org.apache.kafka.streams.state.internals.CachedStateStore;
import org.jspecify.annotations.Nullable;

/**
 * A store without contents whose only purpose is to be told right before its task commits: before the producer's
 * commit, so that whatever is forwarded or put into a logged store then is part of the transaction that commits the
 * input offsets.
 *
 * <p>Kafka Streams has no public hook there: {@code StateStore.commit} runs after the producer's commit (KAFKA-9450),
 * and a punctuator is not tied to commits at all; with a rebalance under way both lost records (RATIONALE.md). {@code
 * StreamTask.prepareCommit} calls {@code flushCache} on stores that implement the internal {@code CachedStateStore}, in
 * the order in which their processors were added to the topology. This class is the only one that knows; it was written
 * against 4.3.1, and {@code PreCommitStoreTest} fails if an upgrade changes the order.
 *
 * <p>The store must not be persistent, or Kafka may wrap it and no longer see what it is. Used by one task's thread.
 */
public final class PreCommitStore implements StateStore, CachedStateStore<Object, Object> {
    private final String name;
    private boolean open;
    private Runnable onPreCommit = () -> {};
    private Runnable onDiscard = () -> {};

    private PreCommitStore(String name) {
        this.name = name;
    }

    /** A builder to return from {@code ProcessorSupplier.stores()}; the store is neither logged nor cached. */
    public static StoreBuilder<PreCommitStore> builder(String name) {
        return new Builder(name);
    }

    /**
     * What to do before each commit; set it in {@code Processor.init}. It may put into stores and forward through a
     * {@link Forwarder}. An exception out of it fails the commit, so that everything since the last is done again.
     */
    public void onPreCommit(Runnable action) {
        onPreCommit = action;
    }

    /** What to do when the task is closed or recycled: forget what is buffered. Nothing may be forwarded then. */
    public void onDiscard(Runnable action) {
        onDiscard = action;
    }

    @Override
    public void flushCache() {
        onPreCommit.run();
    }

    @Override
    public void clearCache() {
        onDiscard.run();
    }

    @Override
    public boolean setFlushListener(CacheFlushListener<Object, Object> listener, boolean sendOldValues) {
        return false;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void init(StateStoreContext context, StateStore root) {
        context.register(root, (key, value) -> {});
        open = true;
    }

    @Override
    public void close() {
        onDiscard.run();
        open = false;
    }

    @Override
    public boolean persistent() {
        return false;
    }

    @Override
    public boolean isOpen() {
        return open;
    }

    /** The place in the input that a buffered row came from. Reusable: {@link Forwarder#remember} overwrites it. */
    public static final class Position {
        private @Nullable ProcessorRecordContext context;
    }

    /**
     * Forwards rows later than the call that brought them, each under its own record's context: otherwise sinks, error
     * handlers and {@code recordMetadata()} would see another record's, and outside {@code process} there is no current
     * node at all and {@code forward} throws. Create one in {@code Processor.init}.
     */
    public static final class Forwarder<K, V> {
        private final InternalProcessorContext<K, V> context;
        private final ProcessorNode<?, ?, ?, ?> node;
        private @Nullable ProcessorNode<?, ?, ?, ?> callersNode;
        private @Nullable ProcessorRecordContext callersContext;

        public Forwarder(ProcessorContext<K, V> context) {
            if (!(context instanceof InternalProcessorContext<K, V> internal)) {
                throw new IllegalStateException("this version of Kafka Streams hands out a "
                        + context.getClass().getName() + ", which is no InternalProcessorContext: stay on 4.3");
            }
            this.context = internal;
            this.node = internal.currentNode();
        }

        /** Notes where the record being processed came from. */
        public void remember(Position position) {
            position.context = context.recordContext();
        }

        /** Call before the first {@link #forward} of a batch; {@link #end} goes into a finally block. */
        public void begin() {
            callersNode = context.currentNode();
            callersContext = context.recordContext();
            context.setCurrentNode(node);
        }

        /** Forwards to the children, or to the named child only, as if the record of that position were processed. */
        public void forward(Position position, Record<? extends K, ? extends V> record, @Nullable String child) {
            context.setRecordContext(position.context);
            if (child == null) {
                context.forward(record);
            } else {
                context.forward(record, child);
            }
        }

        /** Puts back what {@link #begin} found. */
        public void end() {
            context.setRecordContext(callersContext);
            context.setCurrentNode(callersNode);
            callersNode = null;
            callersContext = null;
        }
    }

    private record Builder(String name) implements StoreBuilder<PreCommitStore> {
        @Override
        public StoreBuilder<PreCommitStore> withCachingEnabled() {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitStore> withCachingDisabled() {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitStore> withLoggingEnabled(Map<String, String> config) {
            return this;
        }

        @Override
        public StoreBuilder<PreCommitStore> withLoggingDisabled() {
            return this;
        }

        @Override
        public PreCommitStore build() {
            return new PreCommitStore(name);
        }

        @Override
        public Map<String, String> logConfig() {
            return Map.of();
        }

        @Override
        public boolean loggingEnabled() {
            return false;
        }
    }
}
