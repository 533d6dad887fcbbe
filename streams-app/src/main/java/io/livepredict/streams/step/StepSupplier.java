package io.livepredict.streams.step;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;
import org.jspecify.annotations.Nullable;

/** Puts a {@link Step} and its stores into a topology: every start of a task makes a new step. */
public final class StepSupplier<KIn, VIn, KOut, VOut> implements ProcessorSupplier<KIn, VIn, KOut, VOut> {
    /** Makes the step of a task that starts now. */
    @FunctionalInterface
    public interface Start<KIn, VIn, KOut, VOut> {
        /** @param task what Kafka Streams gives the step: its stores, its children, its clock */
        Step<KIn, VIn> of(ProcessorContext<KOut, VOut> task);
    }

    private final Start<KIn, VIn, KOut, VOut> start;
    private final Set<StoreBuilder<?>> stores;

    /** @param stores what the topology must have for this step */
    public StepSupplier(Start<KIn, VIn, KOut, VOut> start, StoreBuilder<?>... stores) {
        this.start = start;
        this.stores = Collections.unmodifiableSet(new LinkedHashSet<>(List.of(stores)));
    }

    @Override
    public Processor<KIn, VIn, KOut, VOut> get() {
        return new OfTask<>(start);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
        return stores;
    }

    private static final class OfTask<KIn, VIn, KOut, VOut> implements Processor<KIn, VIn, KOut, VOut> {
        private final Start<KIn, VIn, KOut, VOut> start;
        private @Nullable Step<KIn, VIn> step;

        OfTask(Start<KIn, VIn, KOut, VOut> start) {
            this.start = start;
        }

        @Override
        public void init(ProcessorContext<KOut, VOut> task) {
            step = start.of(task);
        }

        @Override
        public void process(Record<KIn, VIn> record) {
            if (step == null) {
                throw new IllegalStateException("process was called before init");
            }
            step.process(record);
        }

        @Override
        public void close() {
            if (step != null) {
                step.close();
                step = null;
            }
        }
    }
}
