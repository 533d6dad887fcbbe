package io.livepredict.trainer.learner;

import io.livepredict.contract.Kind;
import java.time.Clock;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs skipped examples: at most one line per minute, with the counts since the last. */
final class FaultLog {
    private static final Logger LOG = LoggerFactory.getLogger(FaultLog.class);
    private static final long EVERY_MILLIS = 60_000;

    private final Kind kind;
    private final Clock clock;
    private final Map<ExampleFault, Long> counts = new EnumMap<>(ExampleFault.class);
    private long loggedAt = Long.MIN_VALUE / 2;

    FaultLog(Kind kind, Clock clock) {
        this.kind = kind;
        this.clock = clock;
    }

    void add(ExampleFault fault, ConsumerRecord<?, ?> record) {
        counts.merge(fault, 1L, Long::sum);
        long now = clock.millis();
        if (now - loggedAt >= EVERY_MILLIS) {
            loggedAt = now;
            LOG.warn(
                    "{}: skipped examples, by reason: {}; the last one at {}-{} offset {}",
                    kind.id(),
                    counts,
                    record.topic(),
                    record.partition(),
                    record.offset());
            counts.clear();
        }
    }
}
