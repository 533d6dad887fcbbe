package io.livepredict.streams.topology;

import io.livepredict.contract.SerdeSource;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroDecoder;
import io.livepredict.streams.activity.InputProgress;
import io.livepredict.streams.activity.TimeSettings;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.outcome.OutcomeSettings;
import io.livepredict.streams.score.ScoreSettings;
import io.livepredict.streams.state.RecentValues;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;

/**
 * What all kinds share.
 *
 * @param topics where results go
 * @param serdes for canonical events
 * @param avro makes decoders for foreign Avro
 * @param time how event time moves
 * @param bounds which event times are refused
 * @param score how rows are batched
 * @param outcome how many snapshots may wait
 * @param stores makes the store of that name: RocksDB, in memory, or what a backtest restores
 * @param recent how much of the stores is kept on the heap
 * @param wallClockMillis injected, so that the same input gives the same output
 * @param progress whether a silent task has read all there is
 */
public record FlowSettings(
        Topics topics,
        SerdeSource serdes,
        Supplier<AvroDecoder> avro,
        TimeSettings time,
        TimeBounds bounds,
        ScoreSettings score,
        OutcomeSettings outcome,
        Function<String, KeyValueBytesStoreSupplier> stores,
        RecentValues.Budget recent,
        LongSupplier wallClockMillis,
        InputProgress progress) {

    /** For a flow that is driven record by record. */
    public FlowSettings(
            Topics topics,
            SerdeSource serdes,
            Supplier<AvroDecoder> avro,
            TimeSettings time,
            TimeBounds bounds,
            ScoreSettings score,
            OutcomeSettings outcome,
            Function<String, KeyValueBytesStoreSupplier> stores,
            RecentValues.Budget recent,
            LongSupplier wallClockMillis) {
        this(
                topics,
                serdes,
                avro,
                time,
                bounds,
                score,
                outcome,
                stores,
                recent,
                wallClockMillis,
                InputProgress.synchronous(wallClockMillis));
    }
}
