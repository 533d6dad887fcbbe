package io.livepredict.trainer.family;

import io.livepredict.trainer.graph.CompiledGraph.Call;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Calls of a model's graphs that are bound to its memory, by number of rows and by the side that they read: those for full
 * batches, and of other sizes, which come and go, the few that were used last. Not safe for use from several threads.
 */
final class Bindings implements AutoCloseable {
    private static final int SIZES = 4;

    private final int full;
    /** The size used last is at the end. */
    private final Map<Integer, Bound> bySize = new LinkedHashMap<>(16, 0.75f, true);

    /** One size's calls: a step from each side, a prediction from each side. */
    @SuppressWarnings("ArrayRecordComponent") // filled as they are needed, never compared
    private record Bound(@Nullable Call[] step, @Nullable Call[] predict) {
        void close() {
            close(step);
            close(predict);
        }

        private static void close(@Nullable Call[] calls) {
            for (Call call : calls) {
                if (call != null) {
                    call.close();
                }
            }
        }
    }

    /** @param full rows of a full batch */
    Bindings(int full) {
        this.full = full;
    }

    /** The call that steps from that side; bound if it is not yet. */
    Call step(int rows, int side, IntFunction<Call> bind) {
        return call(bound(rows).step, rows, side, bind);
    }

    /** The call that predicts from that side; bound if it is not yet. */
    Call predict(int rows, int side, IntFunction<Call> bind) {
        return call(bound(rows).predict, rows, side, bind);
    }

    private static Call call(@Nullable Call[] calls, int rows, int side, IntFunction<Call> bind) {
        Call call = calls[side];
        if (call == null) {
            call = bind.apply(rows);
            calls[side] = call;
        }
        return call;
    }

    private Bound bound(int rows) {
        Bound bound = bySize.get(rows);
        if (bound == null) {
            bound = new Bound(new Call[2], new Call[2]);
            bySize.put(rows, bound);
            Iterator<Map.Entry<Integer, Bound>> oldest = bySize.entrySet().iterator();
            while (bySize.size() > SIZES) {
                Map.Entry<Integer, Bound> entry = oldest.next();
                if (entry.getKey() != full && entry.getKey() != rows) {
                    entry.getValue().close();
                    oldest.remove();
                }
            }
        }
        return bound;
    }

    @Override
    public void close() {
        bySize.values().forEach(Bound::close);
    }
}
