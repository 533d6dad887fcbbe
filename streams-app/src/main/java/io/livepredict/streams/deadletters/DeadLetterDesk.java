package io.livepredict.streams.deadletters;

import io.livepredict.cli.Table;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** What can be done with the dead letters of an installation. One thread's. */
public final class DeadLetterDesk {
    private final StreamsAppSettings settings;
    private final Map<String, Object> consumer;
    private final DeadLettersTopic topic;
    private final LongSupplier wallClockMillis;

    public DeadLetterDesk(StreamsAppSettings settings, LongSupplier wallClockMillis) {
        this.settings = settings;
        this.wallClockMillis = wallClockMillis;
        consumer = settings.kafka().consumer(settings.namespace().name("dead-letters-reader"));
        // The serdes are not used: the name is all that matters here.
        Topics topics =
                new Topics(settings.namespace(), settings.partitions(), new AvroSerdes(new InProcessRegistry()));
        topic = new DeadLettersTopic(consumer, topics.deadLetters().name());
    }

    /** How many there are, by reason and source. */
    public Table count(DeadLetterFilter filter) {
        return DeadLetterCount.table(topic, filter);
    }

    /** The newest ones, oldest first, in words. */
    public List<String> show(DeadLetterFilter filter, int most) {
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(settings.registry())) {
            return new ReadableLetters(topic.name(), new AvroDecoder(registry)).newest(topic, filter, most);
        }
    }

    /** What a replay would do. */
    public Replay rehearse(Replay.Request request) {
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(settings.registry())) {
            return replay(registry, request).run(null);
        }
    }

    /** Sends what today's configuration can take back to its topics. */
    public Replay replay(Replay.Request request) {
        String id = settings.namespace().name("dead-letters-replay");
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(settings.registry());
                ReplaySender sender =
                        new ReplaySender(settings.kafka().producer(id), id, topic.name(), wallClockMillis)) {
            return replay(registry, request).run(sender);
        }
    }

    private Replay replay(ConfluentRegistryClient registry, Replay.Request request) {
        return new Replay(topic, new TodaysIngest(settings, registry, consumer), request, wallClockMillis);
    }
}
