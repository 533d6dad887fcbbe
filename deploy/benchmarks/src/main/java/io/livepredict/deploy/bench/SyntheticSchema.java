package io.livepredict.deploy.bench;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import java.util.List;
import java.util.stream.IntStream;

/** Feature schemas of any width, for what depends on the width only. */
final class SyntheticSchema {
    private static final List<Scale> SCALES = List.of(Scale.COUNT, Scale.SECONDS, Scale.AMOUNT, Scale.PLAIN);

    private SyntheticSchema() {}

    /**
     * @param dense how many dense features, with every scale in turn
     * @param sequence how many recent events
     * @param ids how many ids, of 16 buckets, 32 and so on
     */
    static FeatureSchema of(int dense, int sequence, int ids) {
        return new FeatureSchema(
                Kind.VIEWER,
                IntStream.range(0, dense)
                        .mapToObj(i -> new DenseFeature("f" + i, "f" + i, SCALES.get(i % SCALES.size()), "f" + i))
                        .toList(),
                List.of("JOIN", "CHAT", "GIFT", "LEAVE"),
                sequence,
                sequence == 0 ? "" : "sequence",
                IntStream.range(0, ids)
                        .mapToObj(i -> new IdFeature("id" + i, "id" + i, 16 << i, "id" + i))
                        .toList());
    }
}
