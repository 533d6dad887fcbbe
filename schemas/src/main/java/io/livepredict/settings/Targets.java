package io.livepredict.settings;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.Target;
import java.nio.file.Path;
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
     * Reads a file of targets, see {@link File}, and checks each of them.
     *
     * @throws SettingsException with file and line, if it can't be read or one of them makes no sense
     */
    public static List<TargetSettings> readFile(Path file, Map<Kind, KindDefinition> kinds, Map<String, String> env) {
        return YamlFile.read(file, File.class, env, written -> {
            var unused = read(written.targets(), kinds);
            return written.targets();
        });
    }

    /**
     * The targets in their order, defaults filled. Refusals say at which place under {@code targets}; called while
     * {@link YamlFile#read(Path, Class, Map, java.util.function.Function)} resolves, they get file and line.
     *
     * @param kinds the definition of every kind that a target may name
     * @throws SettingsException if two have the same name, a kind is not defined, or one of them makes no sense
     */
    public static List<Target> read(List<TargetSettings> settings, Map<Kind, KindDefinition> kinds) {
        List<Target> targets = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (TargetSettings each : settings) {
            List<Object> path = List.of("targets", targets.size());
            KindDefinition definition = kinds.get(each.kind());
            if (definition == null) {
                throw new SettingsException(
                        path,
                        "targets: target " + each.name() + ": kind "
                                + each.kind().id() + " is not defined here",
                        null);
            }
            if (!names.add(each.name())) {
                throw new SettingsException(
                        path,
                        "targets: two targets are named " + each.name() + ": give each its own name, whatever its kind",
                        null);
            }
            targets.add(each.target(definition, path));
        }
        return List.copyOf(targets);
    }
}
