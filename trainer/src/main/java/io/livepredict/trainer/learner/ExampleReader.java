package io.livepredict.trainer.learner;

import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.TargetLabel;
import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Puts examples with one feature schema into batches laid out for another, the learner's: by name and definition, zero for
 * what the example does not have. With equal schemas that is a plain copy. Not safe for use from several threads.
 */
final class ExampleReader {
    private final FeatureSchema from;
    private final List<Target> targets;
    private final Map<String, Integer> targetIndex = new HashMap<>();
    private final String[] definitions;
    private final FeatureVector vector;

    /** Learner's column to example's, −1 for none. */
    private final int[] dense;

    private final int[] ids;
    /** Example's event type code to learner's, 0 for none. */
    private final int[] codes;

    private final boolean sameSequence;

    ExampleReader(FeatureSchema from, FeatureSchema to, List<Target> targets) {
        this.from = from;
        this.targets = targets;
        vector = new FeatureVector(from);
        definitions = new String[targets.size()];
        for (int t = 0; t < targets.size(); t++) {
            targetIndex.put(targets.get(t).name(), t);
            definitions[t] = targets.get(t).definition();
        }
        Map<String, Integer> columns = new HashMap<>();
        for (int i = 0; i < from.dense().size(); i++) {
            DenseFeature feature = from.dense().get(i);
            columns.put(feature.name() + '\n' + feature.definition(), i);
        }
        dense = to.dense().stream()
                .mapToInt(f -> columns.getOrDefault(f.name() + '\n' + f.definition(), -1))
                .toArray();
        Map<String, Integer> idColumns = new HashMap<>();
        for (int i = 0; i < from.ids().size(); i++) {
            IdFeature feature = from.ids().get(i);
            idColumns.put(feature.name() + '\n' + feature.definition() + '\n' + feature.buckets(), i);
        }
        ids = to.ids().stream()
                .mapToInt(f -> idColumns.getOrDefault(f.name() + '\n' + f.definition() + '\n' + f.buckets(), -1))
                .toArray();
        sameSequence = from.sequenceDefinition().equals(to.sequenceDefinition());
        codes = new int[from.eventTypes().size() + 1];
        for (int i = 0; i < from.eventTypes().size(); i++) {
            codes[i + 1] = to.eventTypes().indexOf(from.eventTypes().get(i)) + 1;
        }
    }

    /** Fills the row; returns why that can't be done, or null. A row that was refused holds nothing of use. */
    @Nullable
    ExampleFault read(LabelledExample example, ExampleBatch batch, int row) {
        try {
            FeatureVector.read(example.getDense(), vector.dense);
            FeatureVector.read(example.getSequenceTypes(), vector.sequenceTypes);
            FeatureVector.read(example.getSequenceGaps(), vector.sequenceGaps);
            FeatureVector.read(example.getIds(), vector.ids);
        } catch (IllegalArgumentException e) {
            return ExampleFault.WRONG_LENGTH;
        }
        ExampleFault fault = check();
        if (fault != null) {
            return fault;
        }
        copy(batch, row);
        return labels(example, batch, row);
    }

    private @Nullable ExampleFault check() {
        for (float value : vector.dense) {
            if (!Float.isFinite(value)) {
                return ExampleFault.NOT_FINITE;
            }
        }
        for (float value : vector.sequenceGaps) {
            if (!Float.isFinite(value)) {
                return ExampleFault.NOT_FINITE;
            }
        }
        for (int code : vector.sequenceTypes) {
            if (code < 0 || code >= codes.length) {
                return ExampleFault.OUT_OF_RANGE;
            }
        }
        for (int i = 0; i < vector.ids.length; i++) {
            if (vector.ids[i] < 0 || vector.ids[i] >= from.ids().get(i).buckets()) {
                return ExampleFault.OUT_OF_RANGE;
            }
        }
        return null;
    }

    private void copy(ExampleBatch batch, int row) {
        int at = row * batch.denseWidth;
        for (int i = 0; i < dense.length; i++) {
            batch.dense[at + i] = dense[i] < 0 ? 0 : vector.dense[dense[i]];
        }
        at = row * batch.idWidth;
        for (int i = 0; i < ids.length; i++) {
            batch.ids[at + i] = ids[i] < 0 ? 0 : vector.ids[ids[i]];
        }
        at = row * batch.sequenceLength;
        // The newest step is last: sequences of different length are aligned at the end.
        int shift = vector.sequenceTypes.length - batch.sequenceLength;
        for (int i = 0; i < batch.sequenceLength; i++) {
            int step = i + shift;
            boolean known = sameSequence && step >= 0;
            batch.sequenceTypes[at + i] = known ? codes[vector.sequenceTypes[step]] : 0;
            batch.sequenceGaps[at + i] = known ? vector.sequenceGaps[step] : 0;
        }
    }

    private @Nullable ExampleFault labels(LabelledExample example, ExampleBatch batch, int row) {
        int at = row * batch.targets;
        for (int t = 0; t < batch.targets; t++) {
            batch.mask[at + t] = 0;
            batch.labels[at + t] = 0;
            batch.served[at + t] = 0;
        }
        boolean labelled = false;
        for (TargetLabel label : example.getLabels()) {
            Integer t = targetIndex.get(label.getTarget());
            if (t == null || !definitions[t].equals(label.getDefinition())) {
                continue;
            }
            double value = label.getLabel();
            if (!Float.isFinite((float) value) || !Float.isFinite((float) label.getServedScore())) {
                return ExampleFault.NOT_FINITE;
            }
            if (targets.get(t).isBinary() && value != 0 && value != 1) {
                return ExampleFault.OUT_OF_RANGE;
            }
            batch.labels[at + t] = (float) value;
            batch.served[at + t] = (float) label.getServedScore();
            batch.servedByModel[at + t] = example.getModelVersion() > 0 && !label.getServedByPrior();
            batch.mask[at + t] = 1;
            labelled = true;
        }
        return labelled ? null : ExampleFault.NO_USABLE_LABEL;
    }
}
