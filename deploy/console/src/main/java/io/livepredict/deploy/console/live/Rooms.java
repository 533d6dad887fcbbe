package io.livepredict.deploy.console.live;

import io.livepredict.contract.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * Rooms or matches as they are now: who is present, how much of each target is expected there, and why. The newest score of each
 * entity counts, in the room of its last event; where the outlook tells of rooms, who is present and what is expected of them is
 * what it says.
 */
final class Rooms {
    private static final int REASONS = 3;

    private Rooms() {}

    /**
     * What is expected in all rooms.
     *
     * @param rooms the foremost rooms, by the target asked for
     * @param all how many rooms there are
     * @param present how many entities in all of them
     * @param expected by target, summed over all of them
     * @param likeliest the entities with the highest scores of the target asked for
     */
    @SuppressWarnings("ArrayRecordComponent") // made, read once and gone; never compared
    record Overview(List<Room> rooms, int all, int present, double[] expected, List<Likely> likeliest) {}

    /**
     * One room.
     *
     * @param expected by target, how many of those present will do it within its horizon
     * @param why what speaks for the target asked for, over those present of whom a score was explained lately
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Room(String context, int present, double[] expected, List<Because> why) {}

    /**
     * A reason of several entities.
     *
     * @param entities of how many
     * @param weight the sum of its contributions
     */
    record Because(String words, int entities, double weight) {}

    /**
     * An entity and its last moment.
     *
     * @param reasons of the newest score that was explained; may be empty
     */
    record Likely(String id, Moment moment, List<Moment.Reason> reasons) {}

    private static final class Sums {
        int present;
        final double[] expected;
        final Map<String, double[]> why = new HashMap<>();

        Sums(int targets) {
            expected = new double[targets];
        }
    }

    /**
     * @param names the targets, in their places
     * @param by the place of the target asked for
     * @param since when entities must have been seen to count as present
     */
    static Overview of(
            Entities entities, Outlooks outlooks, Kind kind, List<String> names, int by, long since, int most) {
        int targets = names.size();
        Map<String, Sums> sums = new HashMap<>();
        Sums total = new Sums(targets);
        PriorityQueue<Likely> likeliest = new PriorityQueue<>(
                Comparator.comparingDouble(each -> each.moment().score(by)));
        entities.eachSince(kind, since, by, (id, moment, reasons) -> {
            Sums room = sums.computeIfAbsent(moment.context, key -> new Sums(targets));
            room.present++;
            total.present++;
            for (int place = 0; place < targets; place++) {
                double score = moment.score(place);
                if (!Double.isNaN(score)) {
                    room.expected[place] += score;
                    total.expected[place] += score;
                }
            }
            for (Moment.Reason reason : reasons) {
                if (reason.contribution() > 0) {
                    double[] because = room.why.computeIfAbsent(reason.words(), key -> new double[2]);
                    because[0]++;
                    because[1] += reason.contribution();
                }
            }
            if (!Double.isNaN(moment.score(by))) {
                likeliest.add(new Likely(id, moment, reasons));
                if (likeliest.size() > most) {
                    likeliest.poll();
                }
            }
        });
        if (outlooks.has(kind)) {
            correct(sums, total, outlooks, kind, names);
        }
        List<Room> rooms = sums.entrySet().stream()
                .sorted(Comparator.comparingDouble((Map.Entry<String, Sums> each) -> -expected(each.getValue(), by)))
                .limit(most)
                .map(each -> room(each.getKey(), each.getValue()))
                .toList();
        List<Likely> foremost = new ArrayList<>(likeliest);
        foremost.sort(Comparator.comparingDouble((Likely each) -> -each.moment().score(by)));
        return new Overview(rooms, sums.size(), total.present, total.expected, foremost);
    }

    /** Puts in what the outlook says; who is outside of any room is not in it. */
    private static void correct(Map<String, Sums> sums, Sums total, Outlooks outlooks, Kind kind, List<String> names) {
        sums.entrySet().removeIf(room -> {
            if (room.getKey().isEmpty()) {
                return false;
            }
            Sums of = room.getValue();
            int present = (int) outlooks.present(kind, room.getKey());
            total.present += present - of.present;
            of.present = present;
            for (int place = 0; place < names.size(); place++) {
                double expected = present == 0 ? 0 : outlooks.expected(kind, room.getKey(), names.get(place));
                if (!Double.isNaN(expected)) {
                    total.expected[place] += expected - of.expected[place];
                    of.expected[place] = expected;
                }
            }
            return present == 0;
        });
    }

    private static double expected(Sums sums, int place) {
        return place < sums.expected.length ? sums.expected[place] : sums.present;
    }

    private static Room room(String context, Sums sums) {
        List<Because> why = sums.why.entrySet().stream()
                .map(each -> new Because(each.getKey(), (int) each.getValue()[0], each.getValue()[1]))
                .sorted(Comparator.comparingDouble((Because each) -> -each.weight()))
                .limit(REASONS)
                .toList();
        return new Room(context, sums.present, sums.expected, why);
    }
}
