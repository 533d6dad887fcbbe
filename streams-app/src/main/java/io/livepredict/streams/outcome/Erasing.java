package io.livepredict.streams.outcome;

import io.livepredict.avro.ErasureReceipt;
import io.livepredict.streams.commit.PreCommitStore;
import io.livepredict.streams.score.ScoreOutput.Erased;
import io.livepredict.streams.state.DeadlineQueue;
import io.livepredict.streams.state.EntityKey;
import io.livepredict.streams.state.RecentValues;
import io.livepredict.streams.step.KindSetup;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Removes what a task's outcome stores hold of entities that are to be forgotten, and says in a receipt what activity and this
 * have removed. Pending snapshots lie in the order of their deadlines, so finding those of one entity takes a walk through the whole
 * store; entities are gathered until the commit, so that a thousand of them take one walk. One task's thread only.
 */
final class Erasing {
    private final KindSetup setup;
    private final OutcomeCounters counters;
    private final DeadlineQueue pending;
    private final RecentValues entityLists;
    private final ProcessorContext<Object, Object> task;
    private final PreCommitStore.Forwarder<Object, Object> forwarder;
    private final int partitions;
    /** By entity what is to be forgotten at the next walk. */
    private final Map<String, Waiting> waiting = new LinkedHashMap<>();

    private static final class Waiting {
        final PreCommitStore.Position position = new PreCommitStore.Position();
        final Erased erased;
        long found;

        Waiting(Erased erased) {
            this.erased = erased;
        }
    }

    Erasing(
            KindSetup setup,
            OutcomeCounters counters,
            DeadlineQueue pending,
            RecentValues entityLists,
            int partitions,
            ProcessorContext<Object, Object> task) {
        this.setup = setup;
        this.counters = counters;
        this.pending = pending;
        this.entityLists = entityLists;
        this.partitions = partitions;
        this.task = task;
        forwarder = new PreCommitStore.Forwarder<>(task);
    }

    /** Forgets the entity of the record that is being processed, before the next commit. */
    void add(Erased erased) {
        if (waiting.containsKey(erased.erasure().entityId())) {
            finish(); // each request has its own receipt
        }
        Waiting entry = new Waiting(erased);
        forwarder.remember(entry.position);
        waiting.put(erased.erasure().entityId(), entry);
    }

    /** Whether the entity is still to be forgotten. */
    boolean has(String entityId) {
        return !waiting.isEmpty() && waiting.containsKey(entityId);
    }

    /** Notes that an entry of such an entity was taken out of the pending store. */
    void found(String entityId) {
        Waiting entry = waiting.get(entityId);
        if (entry != null) {
            entry.found++;
        }
    }

    /** Forgets all that are waiting, and sends their receipts. */
    void finish() {
        if (waiting.isEmpty()) {
            return;
        }
        for (Bytes key :
                pending.removeIf(key -> waiting.containsKey(PendingKey.of(key).entityId()))) {
            found(PendingKey.of(key).entityId());
        }
        forwarder.begin();
        try {
            for (Waiting entry : waiting.values()) {
                forget(entry);
            }
        } finally {
            forwarder.end();
            waiting.clear();
        }
    }

    private void forget(Waiting entry) {
        Map<String, Long> removed = new HashMap<>(entry.erased.removed());
        Bytes key = EntityKey.of(entry.erased.erasure().entityId());
        if (entityLists.get(key) != null) {
            entityLists.delete(key);
            removed.put(setup.names().openStore(), 1L);
        }
        if (entry.found > 0) {
            removed.put(setup.names().pendingStore(), entry.found);
        }
        counters.erased(!removed.isEmpty());
        long now = setup.wallClockMillis().getAsLong();
        ErasureReceipt receipt = new ErasureReceipt();
        receipt.setErasureId(entry.erased.erasure().id());
        receipt.setKind(setup.kind().id());
        receipt.setPartition(task.taskId().partition());
        receipt.setPartitions(partitions);
        receipt.setRemoved(removed);
        receipt.setRequestedAt(Instant.ofEpochMilli(entry.erased.erasure().requestedAtMillis()));
        receipt.setErasedAt(Instant.ofEpochMilli(now));
        forwarder.forward(
                entry.position,
                new Record<>(receipt.getErasureId(), receipt, now),
                setup.names().erasureReceipts());
    }

    /** Forgets what waits without doing it: the task is closed and will take the records in again. */
    void discard() {
        waiting.clear();
    }
}
