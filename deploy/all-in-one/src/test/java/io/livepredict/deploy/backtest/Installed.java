package io.livepredict.deploy.backtest;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.trainer.config.TrainerSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * One configuration of the loop among those that a simulated history goes through.
 *
 * @param what the choices it is made of
 * @param targets resolved, in order
 */
record Installed(String what, StreamsAppSettings streams, TrainerSettings trainer, List<Target> targets) {
    private static final List<String> FEATURES = List.of(
            "numbers: {}",
            "numbers: {length: [sum, mean, last]}, attributes: {device: 16}",
            "windows: [10s, 2m, 30m], numbers: {length: [last]}",
            "attributes: {device: 32}, sequence-length: 4, half-life: 1h",
            "windows: [1m, 5m], numbers: {length: [mean, sum], other: [last]}, attributes: {region: 8, device: 16}");

    private static final String CHAT =
            "{name: chat-1m, kind: viewer, any-of: [CHAT], within: 1m, snapshot-on: [JOIN], at-most-every: 0s}";
    private static final String CHAT_LONGER = CHAT.replace("within: 1m", "within: 2m");
    private static final String STAY =
            "{name: stay-5m, kind: viewer, none-of: [LEAVE], within: 5m, snapshot-on: [JOIN], at-most-every: 0s}";
    private static final String LEAVE = "{name: leave-1m, kind: viewer, any-of: [LEAVE], within: 1m,"
            + " snapshot-on: [JOIN, CHAT], at-most-every: 40s, anywhere: true}";
    private static final String WORDS = "{name: words-5m, kind: viewer, sum-of: {number: length, over: [CHAT]},"
            + " within: 5m, snapshot-on: [JOIN], at-most-every: 0s}";

    private static final List<List<String>> TARGETS = List.of(
            List.of(CHAT, STAY),
            List.of(CHAT),
            List.of(STAY, LEAVE, CHAT),
            List.of(CHAT_LONGER, STAY),
            List.of(LEAVE),
            List.of(WORDS, CHAT));

    /** Any of them. */
    static Installed any(Random random) {
        int features = random.nextInt(FEATURES.size());
        int targets = random.nextInt(TARGETS.size());
        boolean summed = TARGETS.get(targets).contains(WORDS);
        return of(summed ? 1 + features % 2 : features, targets);
    }

    private static Installed of(int features, int targets) {
        List<TargetSettings> asked = new ArrayList<>(YamlFile.parse(
                        "targets:\n  - " + String.join("\n  - ", TARGETS.get(targets)), "targets", Targets.File.class)
                .targets());
        BacktestConfig config = YamlFile.parse("""
                kinds: {viewer: {event-types: [JOIN, CHAT, LEAVE], %s}}
                learners:
                  - {family: logistic, learning-rate: 0.01}
                  - {family: logistic, name: slower, learning-rate: 0.001}
                batch: {size: 16}
                publish: {every: 1h, every-examples: 60}
                gate: {least-examples: 32}
                champion: {floor: 32, dwell: 32}
                evaluation: {window: 100}
                state: {retention: 30d}
                """.formatted(FEATURES.get(features)), "config", BacktestConfig.class);
        StreamsAppSettings streams = config.streams(config.kindsFor(TestLogs.MAPPING), asked);
        return new Installed(
                "features " + features + ", targets " + targets,
                streams,
                config.trainer(config.kindsFor(TestLogs.MAPPING), asked),
                streams.kinds().targets(Kind.VIEWER));
    }

    @Override
    public String toString() {
        return what;
    }
}
