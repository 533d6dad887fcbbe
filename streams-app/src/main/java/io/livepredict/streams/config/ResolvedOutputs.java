package io.livepredict.streams.config;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.settings.Settings;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.TargetSettings.Emit;
import io.livepredict.streams.config.StreamsAppConfig.Layout;
import io.livepredict.streams.config.StreamsAppConfig.Predictions;
import io.livepredict.streams.output.AlertRule;
import io.livepredict.streams.output.Emission;
import io.livepredict.streams.output.OutputSettings;
import io.livepredict.streams.output.RowSchema;
import io.livepredict.streams.time.OutputGate;
import io.livepredict.streams.time.TimeSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the keys {@code predictions}, {@code targets.emit}, {@code alerts} and {@code outlook} mean, with everything filled in. */
final class ResolvedOutputs {
    private static final Duration CLEAR_AFTER = Duration.ofMinutes(5);
    private static final Duration COOLDOWN = Duration.ofMinutes(10);
    private static final double HOLDOUT = 0.05;
    private static final Duration PRESENT_FOR = Duration.ofMinutes(2);

    private ResolvedOutputs() {}

    /**
     * @param time of the same configuration
     * @param kinds those of the same configuration
     * @param schemas by kind that has a target
     * @throws SettingsException if the parts do not fit together; says at which key
     */
    static OutputSettings of(
            StreamsAppConfig config, TimeSettings time, KindsAndTargets kinds, Map<Kind, FeatureSchema> schemas) {
        Predictions predictions = config.predictions() == null ? Predictions.defaults() : config.predictions();
        Layout layout = predictions.layout() == null ? Layout.FLAT : predictions.layout();
        OutlookConfig outlook = config.outlook();
        return new OutputSettings(
                gate(predictions, time),
                layout != Layout.WIDE,
                layout == Layout.FLAT ? Optional.empty() : Optional.of(rows(kinds.targets())),
                emissions(config.targets()),
                alerts(config.alerts(), kinds, schemas),
                outlook == null
                        ? Optional.empty()
                        : Optional.of(outlook.presentFor() == null ? PRESENT_FOR : outlook.presentFor()));
    }

    private static OutputGate gate(Predictions wanted, TimeSettings time) {
        List<Object> path = List.of("predictions");
        if (wanted.notOlderThan() != null && !time.isLive()) {
            throw new SettingsException(
                    path,
                    "predictions: not-older-than goes by the clock, which in a recorded log (time.replay: true) has nothing"
                            + " to do with the times of events; leave one of the two out",
                    null);
        }
        if (wanted.emitHistory() && time.liveFrom().isEmpty()) {
            throw new SettingsException(
                    path, "predictions: emit-history needs time.live-from, before which events are history", null);
        }
        try {
            return OutputGate.of(time, wanted.emitHistory(), Optional.ofNullable(wanted.notOlderThan()));
        } catch (IllegalArgumentException e) {
            throw new SettingsException(path, "predictions: " + e.getMessage(), e);
        }
    }

    private static RowSchema rows(List<Target> targets) {
        try {
            return new RowSchema(targets);
        } catch (IllegalArgumentException e) {
            throw new SettingsException(List.of("predictions", "layout"), "predictions.layout: " + e.getMessage(), e);
        }
    }

    private static Map<String, Emission> emissions(List<TargetSettings> targets) {
        Map<String, Emission> emissions = new HashMap<>();
        for (TargetSettings target : targets) {
            Emit emit = target.emit();
            if (emit != null && !emit.always()) {
                Duration holds = emit.atLeastEvery() == null ? Emit.DEFAULT_AT_LEAST_EVERY : emit.atLeastEvery();
                emissions.put(
                        target.name(),
                        new Emission(
                                emit.changedBy() == null ? 0 : emit.changedBy(),
                                holds.toMillis(),
                                emit.atOrAbove() == null ? Double.NEGATIVE_INFINITY : emit.atOrAbove()));
            }
        }
        return emissions;
    }

    private static List<AlertRule> alerts(
            @Nullable List<AlertConfig> written, KindsAndTargets kinds, Map<Kind, FeatureSchema> schemas) {
        List<AlertRule> rules = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int i = 0; written != null && i < written.size(); i++) {
            AlertConfig each = written.get(i);
            if (!names.add(each.name())) {
                throw refused(i, each, "another alert has this name: give each its own");
            }
            rules.add(new AlertRule(
                    each.name(),
                    each.target(),
                    each.raiseAt(),
                    each.clearBelow() == null ? each.raiseAt() : each.clearBelow(),
                    each.clearAfter() == null ? CLEAR_AFTER : each.clearAfter(),
                    each.cooldown() == null ? COOLDOWN : each.cooldown(),
                    conditions(i, each, target(i, each, kinds), schemas),
                    each.holdout() == null ? HOLDOUT : each.holdout()));
        }
        return rules;
    }

    private static Target target(int index, AlertConfig alert, KindsAndTargets kinds) {
        List<String> names = kinds.targets().stream().map(Target::name).toList();
        Target target = kinds.targets().stream()
                .filter(each -> each.name().equals(alert.target()))
                .findFirst()
                .orElseThrow(() -> refused(
                        index,
                        alert,
                        "there is no target " + alert.target() + Settings.didYouMean(alert.target(), names)
                                + " (there are " + String.join(", ", names) + ")"));
        if (target.isBinary() && !(alert.raiseAt() > 0 && alert.raiseAt() <= 1)) {
            throw refused(
                    index,
                    alert,
                    "raise-at must be a probability above 0, at most 1, with target " + target.name() + "; got "
                            + alert.raiseAt());
        }
        return target;
    }

    private static List<AlertRule.Condition> conditions(
            int index, AlertConfig alert, Target target, Map<Kind, FeatureSchema> schemas) {
        List<AlertRule.Condition> conditions = new ArrayList<>();
        FeatureSchema schema = schemas.get(target.kind());
        List<String> features = schema == null
                ? List.of()
                : schema.dense().stream().map(DenseFeature::name).toList();
        for (AlertConfig.Condition each : alert.onlyIf() == null ? List.<AlertConfig.Condition>of() : alert.onlyIf()) {
            if (!features.contains(each.feature())) {
                throw refused(
                        index,
                        alert,
                        "only-if: " + target.kind().id() + " has no feature " + each.feature()
                                + Settings.didYouMean(each.feature(), features)
                                + "; the topic feature-schemas lists them");
            }
            conditions.add(new AlertRule.Condition(
                    each.feature(),
                    each.atLeast() == null ? Double.NEGATIVE_INFINITY : each.atLeast(),
                    each.atMost() == null ? Double.POSITIVE_INFINITY : each.atMost()));
        }
        return conditions;
    }

    private static SettingsException refused(int index, AlertConfig alert, String reason) {
        return new SettingsException(List.of("alerts", index), "alerts: alert " + alert.name() + ": " + reason, null);
    }
}
