package io.livepredict.streams.output;

import io.livepredict.streams.score.Reason;
import java.util.List;
import org.apache.avro.generic.GenericRecord;
import org.jspecify.annotations.Nullable;

/** Why a score is what it is, as the flat columns that predictions and alerts have for it. */
final class Reasons {
    private static final String[] WORDS = {"reason_1", "reason_2", "reason_3"};
    private static final String[] CONTRIBUTIONS = {"contribution_1", "contribution_2", "contribution_3"};

    private Reasons() {}

    /**
     * Puts a target's reasons into a record, the strongest first, as many as it has columns for.
     *
     * @param all by target; null where the row was not explained
     */
    static void put(@Nullable List<List<Reason>> all, int target, GenericRecord record) {
        List<Reason> own = all == null ? List.of() : all.get(target);
        for (int i = 0; i < Math.min(own.size(), WORDS.length); i++) {
            record.put(WORDS[i], own.get(i).words());
            record.put(CONTRIBUTIONS[i], own.get(i).contribution());
        }
    }
}
