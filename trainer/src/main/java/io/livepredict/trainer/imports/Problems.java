package io.livepredict.trainer.imports;

import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.util.LinkedHashSet;
import java.util.Set;

/** What stands in the way of an import, gathered so that all of it is said at once. */
final class Problems {
    private final Set<String> found = new LinkedHashSet<>();

    void add(String problem) {
        found.add(problem);
    }

    boolean any() {
        return !found.isEmpty();
    }

    /**
     * Ends the import if anything was found.
     *
     * @throws RefusedOperationException with all of it in one line
     */
    void refuse() {
        if (found.isEmpty()) {
            return;
        }
        if (found.size() == 1) {
            throw new RefusedOperationException(found.iterator().next());
        }
        StringBuilder line = new StringBuilder(found.size() + " things are in the way:");
        int number = 1;
        for (String problem : found) {
            line.append(" (").append(number++).append(") ").append(problem).append('.');
        }
        throw new RefusedOperationException(line.toString());
    }
}
