package io.livepredict.deploy.console.live;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What happened and is worth a mark on a time axis: the last {@link #MOST}. Not safe for use from several threads. */
public final class Happenings {
    static final int MOST = 500;

    private final Deque<Happening> last = new ArrayDeque<>();
    private long count;

    /** What can happen. */
    public enum What {
        /** A change was found in the champion's loss. */
        DRIFT,
        /** An operator pinned a version. */
        PINNED,
        /** An operator let the trainer go on. */
        PROMOTED,
        /** A version was not taken by the streams app, or not let through by the trainer. */
        REFUSED,
        /** Another learner took over. */
        CHAMPION,
        /** A program stopped answering, or answers again. */
        PROGRAM
    }

    /**
     * Something that happened.
     *
     * @param number of this one, ascending
     * @param at epoch milliseconds
     * @param kind viewer, player, or empty where it is about neither
     * @param words one line for a person
     */
    record Happening(long number, long at, String kind, What what, String words) {}

    void add(long at, String kind, What what, String words) {
        last.addLast(new Happening(++count, at, kind, what, words));
        if (last.size() > MOST) {
            last.removeFirst();
        }
    }

    /** Those after a number, oldest first. */
    List<Happening> after(long number) {
        List<Happening> after = new ArrayList<>();
        last.forEach(each -> {
            if (each.number() > number) {
                after.add(each);
            }
        });
        return after;
    }
}
