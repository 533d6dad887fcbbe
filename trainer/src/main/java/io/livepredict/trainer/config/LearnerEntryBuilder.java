package io.livepredict.trainer.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a learner's entry in code, key by key. What is not given is left out, as in a file. */
public final class LearnerEntryBuilder {
    private @Nullable String name;
    private final LearnerEntry.Family family;
    private @Nullable List<Integer> hidden;
    private LearnerEntry.@Nullable Activation activation;
    private @Nullable Integer embedding;
    private @Nullable Integer units;
    private @Nullable Integer filters;
    private @Nullable Integer window;
    private LearnerEntry.@Nullable Optimiser optimiser;
    private @Nullable Double learningRate;
    private @Nullable Double startRate;
    private @Nullable Double l2;
    private @Nullable Double clipNorm;
    private @Nullable Double positiveWeight;
    private @Nullable Double averageOver;

    LearnerEntryBuilder(LearnerEntry.Family family) {
        this.family = family;
    }

    LearnerEntryBuilder(LearnerEntry from) {
        name = from.name();
        family = from.family();
        hidden = from.hidden();
        activation = from.activation();
        embedding = from.embedding();
        units = from.units();
        filters = from.filters();
        window = from.window();
        optimiser = from.optimiser();
        learningRate = from.learningRate();
        startRate = from.startRate();
        l2 = from.l2();
        clipNorm = from.clipNorm();
        positiveWeight = from.positiveWeight();
        averageOver = from.averageOver();
    }

    public LearnerEntryBuilder name(@Nullable String value) {
        name = value;
        return this;
    }

    public LearnerEntryBuilder hidden(@Nullable List<Integer> value) {
        hidden = value;
        return this;
    }

    public LearnerEntryBuilder activation(LearnerEntry.@Nullable Activation value) {
        activation = value;
        return this;
    }

    public LearnerEntryBuilder embedding(@Nullable Integer value) {
        embedding = value;
        return this;
    }

    public LearnerEntryBuilder units(@Nullable Integer value) {
        units = value;
        return this;
    }

    public LearnerEntryBuilder filters(@Nullable Integer value) {
        filters = value;
        return this;
    }

    public LearnerEntryBuilder window(@Nullable Integer value) {
        window = value;
        return this;
    }

    public LearnerEntryBuilder optimiser(LearnerEntry.@Nullable Optimiser value) {
        optimiser = value;
        return this;
    }

    public LearnerEntryBuilder learningRate(@Nullable Double value) {
        learningRate = value;
        return this;
    }

    public LearnerEntryBuilder startRate(@Nullable Double value) {
        startRate = value;
        return this;
    }

    public LearnerEntryBuilder l2(@Nullable Double value) {
        l2 = value;
        return this;
    }

    public LearnerEntryBuilder clipNorm(@Nullable Double value) {
        clipNorm = value;
        return this;
    }

    public LearnerEntryBuilder positiveWeight(@Nullable Double value) {
        positiveWeight = value;
        return this;
    }

    public LearnerEntryBuilder averageOver(@Nullable Double value) {
        averageOver = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public LearnerEntry build() {
        return new LearnerEntry(
                name,
                family,
                hidden,
                activation,
                embedding,
                units,
                filters,
                window,
                optimiser,
                learningRate,
                startRate,
                l2,
                clipNorm,
                positiveWeight,
                averageOver);
    }
}
