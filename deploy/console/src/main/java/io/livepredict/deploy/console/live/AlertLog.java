package io.livepredict.deploy.console.live;

import io.livepredict.avro.Alert;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The last alerts that were raised or cleared. Not safe for use from several threads. */
final class AlertLog {
    private static final int LAST = 100;

    private final Deque<Alert> last = new ArrayDeque<>();
    private long raised;

    void take(Alert alert) {
        if (alert.getState().equals("raised")) {
            raised++;
        }
        last.addFirst(alert);
        if (last.size() > LAST) {
            last.removeLast();
        }
    }

    /** How many were raised, of those that were read. */
    long raised() {
        return raised;
    }

    /** Newest first. */
    List<Alert> last() {
        return new ArrayList<>(last);
    }
}
