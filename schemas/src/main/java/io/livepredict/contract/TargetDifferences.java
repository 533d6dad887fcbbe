package io.livepredict.contract;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * How the targets that one program has differ from those that another has, by name and definition.
 *
 * @param onlyHere names that the other does not have
 * @param onlyThere names that this one does not have
 * @param definedOtherwise names that both have, with different definitions
 */
public record TargetDifferences(List<String> onlyHere, List<String> onlyThere, List<String> definedOtherwise) {
    /** No difference. */
    public static final TargetDifferences NONE = new TargetDifferences(List.of(), List.of(), List.of());

    /** So many names are listed; the others are only counted. */
    private static final int NAMES_SAID = 5;

    public TargetDifferences {
        onlyHere = List.copyOf(onlyHere);
        onlyThere = List.copyOf(onlyThere);
        definedOtherwise = List.copyOf(definedOtherwise);
    }

    /**
     * The differences between two programs' targets.
     *
     * @param here name to definition
     * @param there name to definition
     */
    public static TargetDifferences between(Map<String, String> here, Map<String, String> there) {
        List<String> onlyHere = new ArrayList<>();
        List<String> otherwise = new ArrayList<>();
        new TreeMap<>(here).forEach((name, definition) -> {
            if (!there.containsKey(name)) {
                onlyHere.add(name);
            } else if (!definition.equals(there.get(name))) {
                otherwise.add(name);
            }
        });
        TreeSet<String> onlyThere = new TreeSet<>(there.keySet());
        onlyThere.removeAll(here.keySet());
        return new TargetDifferences(onlyHere, List.copyOf(onlyThere), otherwise);
    }

    /** Targets as name to definition. */
    public static Map<String, String> definitions(List<Target> targets) {
        return targets.stream().collect(Collectors.toMap(Target::name, Target::definition));
    }

    /** Whether there is any. */
    public boolean any() {
        return count() > 0;
    }

    /** How many names differ. */
    public int count() {
        return onlyHere.size() + onlyThere.size() + definedOtherwise.size();
    }

    /**
     * The differences in words, for one line.
     *
     * @param here how the one side is called, for instance {@code here}
     * @param there how the other is called, for instance {@code in the model}
     */
    public String words(String here, String there) {
        List<String> parts = new ArrayList<>();
        add(parts, "only " + here, onlyHere);
        add(parts, "only " + there, onlyThere);
        add(parts, "defined otherwise " + there, definedOtherwise);
        return parts.isEmpty() ? "the same targets" : "targets differ: " + String.join("; ", parts);
    }

    private static void add(List<String> parts, String where, List<String> names) {
        if (!names.isEmpty()) {
            String more = names.size() > NAMES_SAID ? " and " + (names.size() - NAMES_SAID) + " more" : "";
            parts.add(where + ": " + String.join(", ", names.subList(0, Math.min(NAMES_SAID, names.size()))) + more);
        }
    }
}
