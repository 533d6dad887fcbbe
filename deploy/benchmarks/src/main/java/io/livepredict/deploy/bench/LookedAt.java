package io.livepredict.deploy.bench;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.KindDefinition;
import io.livepredict.deploy.backtest.Backtest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What was served at looks, beside what had been served at the entity's last event, which is all that there would be without
 * looks. By target and step, in the order of the looks. Not safe for use from several threads.
 */
final class LookedAt implements Backtest.ExampleListener {
    /**
     * A look.
     *
     * @param features its dense features, raw
     */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Look(double served, double stale, double label, float[] features) {}

    private record Event(long asOfMillis, double served) {}

    private final int lookFlag;
    private final int width;
    private final List<Duration> steps;
    /** By target and entity, the last event that was scored. */
    private final Map<String, Map<String, Event>> events = new HashMap<>();

    private final Map<String, List<Look>> looks = new LinkedHashMap<>();

    LookedAt(FeatureSchema schema, List<Duration> steps) {
        List<String> names = schema.dense().stream().map(DenseFeature::name).toList();
        lookFlag = names.indexOf("type." + KindDefinition.LOOK);
        if (lookFlag < 0) {
            throw new IllegalArgumentException("no looks are configured");
        }
        width = names.size();
        this.steps = List.copyOf(steps);
    }

    @Override
    public void accept(LabelledExample example, long nowMillis) {
        float[] features = new float[width];
        FeatureVector.read(example.getDense(), features);
        for (TargetLabel label : example.getLabels()) {
            Map<String, Event> last = events.computeIfAbsent(label.getTarget(), target -> new HashMap<>());
            if (features[lookFlag] == 0) {
                last.put(example.getEntityId(), new Event(example.getAsOf(), label.getServedScore()));
                continue;
            }
            Event before = last.get(example.getEntityId());
            if (before == null) {
                continue;
            }
            Duration since = Duration.ofMillis(example.getAsOf() - before.asOfMillis());
            if (steps.contains(since)) {
                looks.computeIfAbsent(
                                label.getTarget() + " after " + DurationFormat.format(since),
                                place -> new ArrayList<>())
                        .add(new Look(
                                label.getServedScore(), before.served(), label.getLabel() > 0.5 ? 1 : 0, features));
            }
        }
    }

    /** By target and step. */
    Map<String, List<Look>> looks() {
        return looks;
    }
}
