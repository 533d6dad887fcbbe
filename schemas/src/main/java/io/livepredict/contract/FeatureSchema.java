package io.livepredict.contract;

import java.util.List;

/**
 * The ordered features of one kind's vectors. Dense floats first, then the last K events (type code and gap), then
 * hashed ids. Append-only within one configuration: order is part of the schema's identity.
 *
 * @param kind whose vectors
 * @param dense the dense features, in vector order
 * @param eventTypes declared event types; index + 1 is the code in a sequence, 0 is padding
 * @param sequenceLength K
 * @param sequenceDefinition hash of what the sequence is
 * @param ids the hashed categorical ids, in vector order
 */
public record FeatureSchema(
        Kind kind,
        List<DenseFeature> dense,
        List<String> eventTypes,
        int sequenceLength,
        String sequenceDefinition,
        List<IdFeature> ids) {

    public FeatureSchema {
        dense = List.copyOf(dense);
        eventTypes = List.copyOf(eventTypes);
        ids = List.copyOf(ids);
        if (dense.stream().map(DenseFeature::name).distinct().count() != dense.size()) {
            throw new IllegalArgumentException("two dense features of " + kind.id() + " have the same name");
        }
        if (sequenceLength < 0) {
            throw new IllegalArgumentException("sequence length must not be negative, got " + sequenceLength);
        }
    }

    /** Sixteen hex digits that name this very list of features. */
    public String id() {
        StringBuilder text = new StringBuilder(kind.id()).append('\n');
        for (DenseFeature f : dense) {
            text.append(f.name())
                    .append(' ')
                    .append(f.scale())
                    .append(' ')
                    .append(f.definition())
                    .append('\n');
        }
        text.append(eventTypes)
                .append(' ')
                .append(sequenceLength)
                .append(' ')
                .append(sequenceDefinition)
                .append('\n');
        for (IdFeature f : ids) {
            text.append(f.name())
                    .append(' ')
                    .append(f.buckets())
                    .append(' ')
                    .append(f.definition())
                    .append('\n');
        }
        return Hashes.definition(text.toString());
    }
}
