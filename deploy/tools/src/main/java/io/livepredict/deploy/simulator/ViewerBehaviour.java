package io.livepredict.deploy.simulator;

import io.livepredict.deploy.simulator.Behaviour.Rule;
import io.livepredict.deploy.simulator.Behaviour.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * How viewers of a live room behave. Hidden: a mood, how tired they are, and the highlights of the room. Seen: what
 * they do. All rates are per tick of a second.
 */
final class ViewerBehaviour {
    static final List<String> TYPES =
            List.of("JOIN", "HEARTBEAT", "CHAT", "LIKE", "GIFT", "FOLLOW", "SHARE", "PURCHASE", "LEAVE");
    static final int JOIN = 0;
    static final int HEARTBEAT = 1;
    static final int CHAT = 2;
    static final int LIKE = 3;
    static final int GIFT = 4;
    static final int FOLLOW = 5;
    static final int SHARE = 6;
    static final int PURCHASE = 7;
    static final int LEAVE = 8;

    static final List<String> DEVICES = List.of("phone", "desktop", "tv");

    private static final int HIGHLIGHT = 1;

    /** The mood is the state modulo 4, tiredness the next factor 3. */
    static final int WATCHING = 0;

    static final int CHATTY = 1;
    static final int GIVING = 2;
    static final int BORED = 3;
    private static final int MOODS = 4;
    private static final int LEVELS = 3;
    static final int STATES = MOODS * LEVELS;

    private static final double[] TIRED_FACTOR = {0.7, 1, 1.8};
    private static final double[] TIRING = {1 / 45.0, 1 / 150.0, 0};

    private static final double VISIBLE_SPREAD = 0.11;

    /**
     * What drift changes.
     *
     * @param leaving by mood
     * @param chatting by mood
     * @param giving by mood
     * @param following by mood
     * @param calmToHighlight of the room
     */
    @SuppressWarnings("ArrayRecordComponent") // constants, never compared
    record Rates(double[] leaving, double[] chatting, double[] giving, double[] following, double calmToHighlight) {
        static Rates usual() {
            return new Rates(
                    new double[] {0.0007, 0.0004, 0.0004, 0.060},
                    new double[] {0.003, 0.32, 0.012, 0.001},
                    new double[] {0.0003, 0.0006, 0.20, 0.0002},
                    new double[] {0.0002, 0.004, 0.045, 0.0001},
                    1 / 60.0);
        }

        /** Boredom no longer drives people out, but those who gave now leave; talk is rarer, follows come from talk. */
        static Rates drifted() {
            return new Rates(
                    new double[] {0.004, 0.0006, 0.030, 0.008},
                    new double[] {0.010, 0.15, 0.10, 0.001},
                    new double[] {0.0006, 0.030, 0.05, 0.0002},
                    new double[] {0.0008, 0.050, 0.004, 0.0002},
                    1 / 120.0);
        }
    }

    private ViewerBehaviour() {}

    static int mood(int state) {
        return state % MOODS;
    }

    private static int level(int state) {
        return state / MOODS;
    }

    private static int state(int mood, int level) {
        return mood + MOODS * level;
    }

    /** @param device index into {@link #DEVICES}: those on a TV hardly type */
    static Behaviour of(Rates rates, int device) {
        return of(rates, device, false);
    }

    /** @param silences whether there are phases in which an entity is silent */
    static Behaviour of(Rates rates, int device, boolean silences) {
        double toHighlight = rates.calmToHighlight();
        double toCalm = 1 / 20.0;
        double[][] room = {{1 - toHighlight, toHighlight}, {toCalm, 1 - toCalm}};
        double[] arrival = new double[STATES];
        double[] moods = {0.62, 0.14, 0.08, 0.16};
        for (int mood = 0; mood < MOODS; mood++) {
            arrival[state(mood, 0)] = moods[mood];
        }
        double typing = device == 2 ? 0.3 : 1;
        Rule rule = (state, before, after) -> steps(rates, typing, state, after == HIGHLIGHT);
        boolean[][] oneContext = new boolean[2][2];
        return silences
                ? Behaviour.withSilences(room, arrival, oneContext, rule)
                : new Behaviour(room, arrival, oneContext, rule);
    }

    private static List<Step> steps(Rates rates, double typing, int state, boolean highlight) {
        int mood = mood(state);
        int level = level(state);
        double[] show = new double[TYPES.size()];
        show[LEAVE] = rates.leaving()[mood] * TIRED_FACTOR[level] * (highlight ? 0.5 : 1);
        show[CHAT] = rates.chatting()[mood] * (highlight ? 1.5 : 1);
        show[GIFT] = rates.giving()[mood] * (highlight ? 1.3 : 1);
        show[FOLLOW] = rates.following()[mood];
        show[SHARE] = mood == BORED ? 0 : 0.002;
        show[PURCHASE] = mood == GIVING ? 0.004 : 0;
        show[LIKE] = new double[] {0.09, 0.05, 0.08, 0.001}[mood];
        show[HEARTBEAT] = new double[] {0.22, 0.14, 0.14, 0.38}[mood];
        double[] moods = moodAfter(mood, level, typing, highlight);
        double tiring = TIRING[level];

        List<Step> steps = new ArrayList<>();
        steps.add(new Step(show[LEAVE], LEAVE, Behaviour.GONE));
        double nothing = 1;
        for (double probability : show) {
            nothing -= probability;
        }
        for (int event = Behaviour.NOTHING; event < LEAVE; event++) {
            double shown = event == Behaviour.NOTHING ? nothing : show[event];
            for (int next = 0; next < MOODS; next++) {
                steps.add(new Step(shown * moods[next] * (1 - tiring), event, state(next, level)));
                if (tiring > 0) {
                    steps.add(new Step(shown * moods[next] * tiring, event, state(next, level + 1)));
                }
            }
        }
        return steps;
    }

    private static double[] moodAfter(int mood, int level, double typing, boolean highlight) {
        double[] to = new double[MOODS];
        switch (mood) {
            case WATCHING -> {
                to[CHATTY] = 0.0035 * typing * (highlight ? 3 : 1);
                to[GIVING] = 0.002 * (highlight ? 2 : 1);
                to[BORED] = 0.008 * TIRED_FACTOR[level] * (highlight ? 0.3 : 1);
            }
            case CHATTY -> {
                to[WATCHING] = 0.006 * (highlight ? 0.5 : 1);
                to[GIVING] = 0.0015;
            }
            case GIVING -> to[WATCHING] = 0.007 * (highlight ? 0.5 : 1);
            default -> to[WATCHING] = 0.006 * (highlight ? 4 : 1);
        }
        double stay = 1;
        for (double probability : to) {
            stay -= probability;
        }
        to[mood] = stay;
        return to;
    }

    /** How much of the player's window is on screen on average, by mood: what a heartbeat carries, with some noise. */
    private static double meanVisibleShare(int state) {
        return mood(state) == BORED ? 0.3 : 0.75;
    }

    static double visibleShare(int state, double gaussian) {
        return Math.clamp(meanVisibleShare(state) + VISIBLE_SPREAD * gaussian, 0.0, 1.0);
    }

    /** Up to a factor: how likely that share is in that state. */
    static double visibleShareDensity(int state, double share) {
        double z = (share - meanVisibleShare(state)) / VISIBLE_SPREAD;
        return Math.exp(-z * z / 2);
    }
}
