package io.livepredict.deploy.loop;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * One cell of the outage matrix: what is done to whom, in what kind of installation.
 *
 * @param partitions of each source topic
 * @param instances of the streams app, with standby replicas if there are two
 * @param context whether there are context features
 * @param spread whether the events of one entity come from several source partitions
 */
record OutageCell(
        Shape shape, Victim victim, Fault fault, int partitions, int instances, boolean context, boolean spread) {
    enum Shape {
        DIRECT,
        REKEYED,
        TWO_SOURCES
    }

    enum Victim {
        APP,
        BROKER,
        REGISTRY,
        TRAINER
    }

    enum Fault {
        SIGKILL,
        SIGTERM,
        STOP_10_S,
        STOP_75_S
    }

    /** Every cell there is. What comes as it is keyed lies in one partition per entity, and so does what has only one. */
    static List<OutageCell> all() {
        List<OutageCell> all = new ArrayList<>();
        for (Shape shape : Shape.values()) {
            for (Victim victim : Victim.values()) {
                for (Fault fault : Fault.values()) {
                    for (int i = 0; i < 16; i++) {
                        OutageCell cell = new OutageCell(
                                shape,
                                victim,
                                fault,
                                (i & 1) == 0 ? 1 : 4,
                                1 + (i >> 1 & 1),
                                (i & 4) != 0,
                                (i & 8) != 0);
                        if (!cell.spread || cell.sourcePartitions() > 1) {
                            all.add(cell);
                        }
                    }
                }
            }
        }
        return all;
    }

    /** Source partitions that are told apart behind a shuffle. */
    private int sourcePartitions() {
        return switch (shape) {
            case DIRECT -> 1;
            case REKEYED -> partitions;
            case TWO_SOURCES -> 1 + partitions;
        };
    }

    /**
     * A covering array of strength two, always the same: cells among which every pair of levels of any two dimensions occurs that
     * occurs at all. Each next one is the cell with most pairs that were not there before (a greedy cover).
     */
    static List<OutageCell> covering() {
        List<OutageCell> candidates = all();
        Collections.shuffle(candidates, new Random(1)); // equals are not taken from one corner
        Set<List<Object>> open = new HashSet<>();
        candidates.forEach(cell -> open.addAll(cell.pairs()));
        List<OutageCell> chosen = new ArrayList<>();
        while (!open.isEmpty()) {
            OutageCell best = candidates.getFirst();
            int most = 0;
            for (OutageCell cell : candidates) {
                Set<List<Object>> adds = cell.pairs();
                adds.retainAll(open);
                if (adds.size() > most) {
                    most = adds.size();
                    best = cell;
                }
            }
            chosen.add(best);
            open.removeAll(best.pairs());
        }
        return chosen;
    }

    /** Its levels, one of each dimension. */
    List<Object> levels() {
        return List.of(shape, victim, fault, partitions, instances, context, spread);
    }

    private Set<List<Object>> pairs() {
        List<Object> levels = levels();
        Set<List<Object>> pairs = new HashSet<>();
        for (int a = 0; a < levels.size(); a++) {
            for (int b = a + 1; b < levels.size(); b++) {
                pairs.add(List.of(a, levels.get(a), b, levels.get(b)));
            }
        }
        return pairs;
    }
}
