package io.livepredict.streams.outcome;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import io.livepredict.streams.targets.TargetPlan;
import io.livepredict.streams.targets.TargetPlan.Planned;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Since when each target has been configured without a break. A task's epoch goes up whenever its targets change; a
 * pending snapshot of an earlier epoch than a target's has missed events that decide it, so its label is unknown and is
 * dropped instead of being made up.
 *
 * @param epoch the current one
 * @param since by target reference: the epoch from which on it has been there
 */
record TargetEpochs(int epoch, Map<Integer, Integer> since) {
    private static final int LAYOUT = 1;

    /** The epochs under that plan, after what was stored: equal to it if the targets are the same. */
    static TargetEpochs next(@Nullable TargetEpochs stored, TargetPlan plan) {
        Map<Integer, Integer> since = new HashMap<>();
        if (stored == null) {
            plan.targets.forEach(target -> since.put(target.reference, 0));
            return new TargetEpochs(0, since);
        }
        boolean same = stored.since.size() == plan.targets.size()
                && plan.targets.stream().allMatch(target -> stored.since.containsKey(target.reference));
        if (same) {
            return stored;
        }
        int epoch = stored.epoch + 1;
        for (Planned target : plan.targets) {
            since.put(target.reference, stored.since.getOrDefault(target.reference, epoch));
        }
        return new TargetEpochs(epoch, since);
    }

    /** Whether a snapshot of that epoch has been compared with every event that decides that target. */
    boolean covers(Planned target, int snapshotEpoch) {
        return snapshotEpoch >= since.getOrDefault(target.reference, Integer.MAX_VALUE);
    }

    byte[] write() {
        StateWriter out = new StateWriter();
        out.writeByte(LAYOUT);
        out.writeVarint(epoch);
        out.writeVarint(since.size());
        since.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(entry -> {
            out.writeInt(entry.getKey());
            out.writeVarint(entry.getValue());
        });
        return out.toBytes();
    }

    static TargetEpochs read(byte[] value) {
        StateReader in = new StateReader();
        in.reset(value);
        int layout = in.readByte();
        if (layout != LAYOUT) {
            throw new IllegalStateException("the stored target epochs have layout " + layout + ", this build reads "
                    + LAYOUT + ": go back to the build that wrote them, or reset the application's state");
        }
        int epoch = in.readCount();
        Map<Integer, Integer> since = new HashMap<>();
        for (int i = in.readCount(); i > 0; i--) {
            since.put(in.readInt(), in.readCount());
        }
        return new TargetEpochs(epoch, since);
    }
}
