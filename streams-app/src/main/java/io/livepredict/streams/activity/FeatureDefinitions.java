package io.livepredict.streams.activity;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.KindDefinition;
import java.util.ArrayList;
import java.util.List;

/** The feature schema that a kind's definition leads to: every feature with its name in words and what it is exactly. */
public final class FeatureDefinitions {
    /** Hours of a week, and one for absent. */
    static final int HOUR_BUCKETS = 7 * 24 + 1;

    private FeatureDefinitions() {}

    /** The schema of the vectors that {@link EntityActivity} fills for this kind, without features of its context. */
    public static FeatureSchema schema(KindDefinition definition) {
        return schema(definition, List.of());
    }

    /**
     * The schema of this kind's vectors.
     *
     * @param contextFeatures what {@link ContextFeatures} fills; these come after the entity's own dense features
     */
    public static FeatureSchema schema(KindDefinition definition, List<DenseFeature> contextFeatures) {
        ActivityLayout layout = new ActivityLayout(definition);
        DenseList dense = new DenseList();
        new EntityActivity(layout).describe(dense);
        List<DenseFeature> all = new ArrayList<>(dense.features());
        all.addAll(contextFeatures);
        List<IdFeature> ids = new ArrayList<>();
        ids.add(id(
                "id.context",
                "which " + definition.kind().context(),
                definition.contextBuckets(),
                "hashed context id, 0 for none"));
        definition
                .attributes()
                .forEach((name, buckets) -> ids.add(id(
                        "id." + name,
                        "which " + FeatureWords.words(name),
                        buckets,
                        "hashed latest value of attribute " + name)));
        ids.add(id("id.hour-of-week", "hour of the week", HOUR_BUCKETS, "1 + hours since Monday 00:00 UTC"));
        return new FeatureSchema(
                definition.kind(),
                all,
                definition.eventTypes(),
                definition.sequenceLength(),
                Hashes.definition("last " + definition.sequenceLength()
                        + " events by time in all contexts, with ln(1 + seconds) since the one before"),
                ids);
    }

    private static IdFeature id(String name, String words, int buckets, String meaning) {
        return new IdFeature(name, words, buckets, Hashes.definition(name + '\n' + buckets + '\n' + meaning));
    }
}
