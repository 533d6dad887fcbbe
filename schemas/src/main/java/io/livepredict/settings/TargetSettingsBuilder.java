package io.livepredict.settings;

import io.livepredict.contract.Kind;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes a target in code, key by key. What is not given is left out, as in a file. */
public final class TargetSettingsBuilder {
    private final String name;
    private final Kind kind;
    private @Nullable List<String> anyOf;
    private @Nullable List<String> noneOf;
    private TargetSettings.@Nullable SumOf sumOf;
    private final Duration within;
    private boolean anywhere;
    private @Nullable List<String> predictOn;
    private @Nullable List<String> snapshotOn;
    private @Nullable Duration atMostEvery;
    private @Nullable Double prior;

    TargetSettingsBuilder(String name, Kind kind, Duration within) {
        this.name = name;
        this.kind = kind;
        this.within = within;
    }

    public TargetSettingsBuilder anyOf(@Nullable List<String> value) {
        anyOf = value;
        return this;
    }

    public TargetSettingsBuilder noneOf(@Nullable List<String> value) {
        noneOf = value;
        return this;
    }

    public TargetSettingsBuilder sumOf(TargetSettings.@Nullable SumOf value) {
        sumOf = value;
        return this;
    }

    public TargetSettingsBuilder anywhere(boolean value) {
        anywhere = value;
        return this;
    }

    public TargetSettingsBuilder predictOn(@Nullable List<String> value) {
        predictOn = value;
        return this;
    }

    public TargetSettingsBuilder snapshotOn(@Nullable List<String> value) {
        snapshotOn = value;
        return this;
    }

    public TargetSettingsBuilder atMostEvery(@Nullable Duration value) {
        atMostEvery = value;
        return this;
    }

    public TargetSettingsBuilder prior(@Nullable Double value) {
        prior = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public TargetSettings build() {
        return new TargetSettings(
                name, kind, anyOf, noneOf, sumOf, within, anywhere, predictOn, snapshotOn, atMostEvery, prior);
    }
}
