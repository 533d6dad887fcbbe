package io.livepredict.settings;

import io.livepredict.contract.KindDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a kind's settings in code, key by key. What is not given is as shipped. */
public final class KindSettingsBuilder {
    private @Nullable List<String> eventTypes;
    private @Nullable List<String> sessionStart;
    private @Nullable List<String> sessionEnd;
    private @Nullable List<Duration> windows;
    private @Nullable Duration sessionGap;
    private @Nullable Duration halfLife;
    private @Nullable Map<String, List<KindDefinition.Aggregate>> numbers;
    private @Nullable Map<String, Integer> attributes;
    private @Nullable Integer contextBuckets;
    private @Nullable Integer textBuckets;
    private @Nullable Integer sequenceLength;

    KindSettingsBuilder() {}

    public KindSettingsBuilder eventTypes(@Nullable List<String> value) {
        eventTypes = value;
        return this;
    }

    public KindSettingsBuilder sessionStart(@Nullable List<String> value) {
        sessionStart = value;
        return this;
    }

    public KindSettingsBuilder sessionEnd(@Nullable List<String> value) {
        sessionEnd = value;
        return this;
    }

    public KindSettingsBuilder windows(@Nullable List<Duration> value) {
        windows = value;
        return this;
    }

    public KindSettingsBuilder sessionGap(@Nullable Duration value) {
        sessionGap = value;
        return this;
    }

    public KindSettingsBuilder halfLife(@Nullable Duration value) {
        halfLife = value;
        return this;
    }

    public KindSettingsBuilder numbers(@Nullable Map<String, List<KindDefinition.Aggregate>> value) {
        numbers = value;
        return this;
    }

    public KindSettingsBuilder attributes(@Nullable Map<String, Integer> value) {
        attributes = value;
        return this;
    }

    public KindSettingsBuilder contextBuckets(@Nullable Integer value) {
        contextBuckets = value;
        return this;
    }

    public KindSettingsBuilder textBuckets(@Nullable Integer value) {
        textBuckets = value;
        return this;
    }

    public KindSettingsBuilder sequenceLength(@Nullable Integer value) {
        sequenceLength = value;
        return this;
    }

    /** @throws IllegalArgumentException if a value does not fit */
    public KindSettings build() {
        return new KindSettings(
                eventTypes,
                sessionStart,
                sessionEnd,
                windows,
                sessionGap,
                halfLife,
                numbers,
                attributes,
                contextBuckets,
                textBuckets,
                sequenceLength);
    }
}
