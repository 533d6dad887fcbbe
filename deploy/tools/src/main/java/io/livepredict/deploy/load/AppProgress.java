package io.livepredict.deploy.load;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How much of what was loaded the streams app has not committed yet. Not safe for use from several threads. */
final class AppProgress {
    /**
     * What one transaction brought.
     *
     * @param ends by partition the offset behind it
     * @param events all events up to then
     * @param reachedMillis latest event time up to then
     */
    private record Mark(Map<TopicPartition, Long> ends, long events, long reachedMillis) {}

    /** Makes one for a load that goes on from there. */
    @FunctionalInterface
    interface Maker {
        AppProgress from(long events, long reachedMillis);
    }

    private final Admin admin;
    private final String group;
    private final Deque<Mark> waiting = new ArrayDeque<>();
    private long sent;
    private long reachedMillis;
    private long takenEvents;
    private long takenMillis;

    /**
     * @param group of the streams app
     * @param events what was loaded before
     */
    AppProgress(Admin admin, String group, long events, long reachedMillis) {
        this.admin = admin;
        this.group = group;
        sent = events;
        takenEvents = events;
        this.reachedMillis = reachedMillis;
        takenMillis = reachedMillis;
    }

    /** A transaction was committed. */
    void sent(Map<TopicPartition, Long> ends, long events, long reached) {
        if (takenMillis == 0) {
            takenMillis = reached;
        }
        sent = events;
        reachedMillis = reached;
        waiting.add(new Mark(ends, events, reached));
    }

    /** Whether more may be sent: asks only if not, as far as it is known. */
    boolean isWithin(HistoryLoad.Ahead ahead) {
        if (!fits(ahead)) {
            look();
        }
        return fits(ahead);
    }

    private boolean fits(HistoryLoad.Ahead ahead) {
        return sent - takenEvents <= ahead.events() && reachedMillis - takenMillis <= ahead.eventMillis();
    }

    /** Events that the app has taken in. */
    long taken() {
        return takenEvents;
    }

    private void look() {
        Map<TopicPartition, OffsetAndMetadata> committed;
        try {
            committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
        } catch (ExecutionException e) {
            return; // the brokers are away for a moment: nothing more is known than before
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        for (Mark next = waiting.peek(); next != null && isTaken(next, committed); next = waiting.peek()) {
            takenEvents = next.events();
            takenMillis = next.reachedMillis();
            waiting.remove();
        }
    }

    private static boolean isTaken(Mark mark, Map<TopicPartition, OffsetAndMetadata> committed) {
        return mark.ends().entrySet().stream().allMatch(end -> {
            OffsetAndMetadata offset = committed.get(end.getKey());
            return offset != null && offset.offset() >= end.getValue();
        });
    }
}
