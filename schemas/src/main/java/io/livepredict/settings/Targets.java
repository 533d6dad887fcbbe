package io.livepredict.settings;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns the configured targets into {@link Target}s. */
public final class Targets {
    private Targets() {}

    /**
     * A file that lists targets and nothing else, as {@code --targets FILE} takes it.
     *
     * @param targets the targets
     */
    public record File(List<TargetSettings> targets) {
        public File {
            if (targets == null || targets.isEmpty()) {
                throw new IllegalArgumentException("targets is missing: list at least one target");
            }
            targets = List.copyOf(targets);
        }
    }

    /**
     * The targets in their order, defaults filled.
     *
     * @param kinds the definition of every kind that a target may name
     * @throws SettingsException if two have the same name, a kind is not defined, or one of them makes no sense
     */
    public static List<Target> read(List<TargetSettings> settings, Map<Kind, KindDefinition> kinds) {
        List<Target> targets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (TargetSettings each : settings) {
            KindDefinition definition = kinds.get(each.kind());
            if (definition == null) {
                throw new SettingsException("targets: target " + each.name() + ": kind "
                        + each.kind().id() + " is not defined here");
            }
            if (!names.add(each.name())) {
                throw new SettingsException("targets: two targets are named " + each.name()
                        + ": give each its own name, whatever its kind");
            }
            targets.add(each.target(definition));
        }
        return List.copyOf(targets);
    }
}
