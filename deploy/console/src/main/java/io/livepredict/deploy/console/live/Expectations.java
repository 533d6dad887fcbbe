package io.livepredict.deploy.console.live;

import io.livepredict.avro.OracleRecord;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the oracle expected lately, until the labels come: a simulated platform's only. Holds the last {@link #MOST}. Not safe
 * for use from several threads.
 */
final class Expectations {
    static final int MOST = 150_000;

    private final Targets targets;
    private final Map<Long, float[]> byMoment = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, float[]> eldest) {
            return size() > MOST;
        }
    };

    Expectations(Targets targets) {
        this.targets = targets;
    }

    void take(Kind kind, OracleRecord record) {
        float[] expected = new float[targets.of(kind).size()];
        Arrays.fill(expected, Float.NaN);
        record.getProbabilities().forEach((target, probability) -> {
            int place = targets.of(kind).indexOf(target);
            if (place >= 0 && place < expected.length) {
                expected[place] = probability.floatValue();
            }
        });
        byMoment.put(key(record.getEntityId(), record.getTime()), expected);
    }

    /** NaN where the oracle said nothing. */
    double of(String entity, long asOf, int place) {
        float[] expected = byMoment.get(key(entity, asOf));
        return expected == null || place < 0 || place >= expected.length ? Double.NaN : expected[place];
    }

    private static long key(String entity, long time) {
        return Hashes.parts(entity, Long.toString(time));
    }
}
