package io.livepredict.deploy.simulator;

import io.livepredict.deploy.simulator.Behaviour.Rule;
import io.livepredict.deploy.simulator.Behaviour.Step;
import java.util.ArrayList;
import java.util.List;

/**
 * How players of a game behave. An arena runs one match after another; hidden are a player's form (a win streak, tilt)
 * and whether they are shopping, and how heated the match is. All rates are per tick of a second.
 */
final class PlayerBehaviour {
    static final List<String> TYPES = List.of(
            "LOGIN", "MATCH_START", "MATCH_END", "KILL", "DEATH", "ASSIST", "LEVEL_UP", "PURCHASE", "CHAT", "LOGOUT");
    static final int LOGIN = 0;
    static final int MATCH_START = 1;
    static final int MATCH_END = 2;
    static final int KILL = 3;
    static final int DEATH = 4;
    static final int ASSIST = 5;
    static final int LEVEL_UP = 6;
    static final int PURCHASE = 7;
    static final int CHAT = 8;
    static final int LOGOUT = 9;

    static final List<String> DEVICES = List.of("pc", "console", "mobile");

    private static final int INTERMISSION = 0;
    private static final int PLAYING = 1;
    private static final int HEATED = 2;

    /** The form is the state modulo 3; from 3 on they are shopping too. */
    static final int EVEN = 0;

    static final int STREAK = 1;
    static final int TILTED = 2;
    private static final int FORMS = 3;
    static final int STATES = FORMS * 2;
    private static final double SCORE_SPREAD = 5;

    /**
     * What drift changes.
     *
     * @param quitting by form
     * @param killing by form
     * @param dying by form
     * @param buying while shopping
     */
    @SuppressWarnings("ArrayRecordComponent") // constants, never compared
    record Rates(double[] quitting, double[] killing, double[] dying, double buying) {
        static Rates usual() {
            return new Rates(
                    new double[] {0.0008, 0.0004, 0.035},
                    new double[] {0.08, 0.24, 0.012},
                    new double[] {0.07, 0.015, 0.22},
                    0.20);
        }

        /** Players now quit while they are ahead, kills are rarer, and fewer shoppers buy. */
        static Rates drifted() {
            return new Rates(
                    new double[] {0.0012, 0.020, 0.004},
                    new double[] {0.05, 0.14, 0.03},
                    new double[] {0.07, 0.03, 0.18},
                    0.07);
        }
    }

    private PlayerBehaviour() {}

    static int form(int state) {
        return state % FORMS;
    }

    private static boolean shops(int state) {
        return state >= FORMS;
    }

    private static int state(int form, boolean shops) {
        return form + (shops ? FORMS : 0);
    }

    static Behaviour of(Rates rates, int device) {
        return of(rates, device, false);
    }

    /** @param silences whether there are phases in which an entity is silent */
    static Behaviour of(Rates rates, int device, boolean silences) {
        double[][] arena = {
            {1 - 1 / 10.0, 1 / 10.0, 0},
            {1 / 90.0, 1 - 1 / 90.0 - 1 / 60.0, 1 / 60.0},
            {1 / 60.0, 1 / 20.0, 1 - 1 / 60.0 - 1 / 20.0},
        };
        double[] arrival = new double[STATES];
        double[] forms = {0.6, 0.2, 0.2};
        for (int form = 0; form < FORMS; form++) {
            arrival[state(form, false)] = 0.8 * forms[form];
            arrival[state(form, true)] = 0.2 * forms[form];
        }
        boolean[][] newContext = new boolean[3][3];
        newContext[INTERMISSION][PLAYING] = true;
        double spending = device == 2 ? 1.6 : 1; // those on a phone shop more often
        Rule rule = (state, before, after) -> steps(rates, spending, state, before, after);
        return silences
                ? Behaviour.withSilences(arena, arrival, newContext, rule)
                : new Behaviour(arena, arrival, newContext, rule);
    }

    private static List<Step> steps(Rates rates, double spending, int state, int before, int after) {
        int form = form(state);
        boolean shops = shops(state);
        double[] shopAfter = shopAfter(shops, spending);
        List<Step> steps = new ArrayList<>();
        if (before == INTERMISSION && after != INTERMISSION) {
            add(steps, 1, MATCH_START, formAfter(form, MATCH_START), shopAfter);
            return steps;
        }
        if (before != INTERMISSION && after == INTERMISSION) {
            add(steps, 1, MATCH_END, formAfter(form, MATCH_END), shopAfter);
            return steps;
        }
        double[] show = new double[TYPES.size()];
        boolean inMatch = after != INTERMISSION;
        double heat = after == HEATED ? 1.6 : 1;
        show[LOGOUT] = rates.quitting()[form] * (inMatch ? 1 : 2);
        show[CHAT] = (inMatch ? 0.01 : 0.08) * (form == TILTED ? 3 : 1);
        show[PURCHASE] = (shops ? rates.buying() : 0.0003) * (inMatch ? 1 : 1.5);
        if (inMatch) {
            show[KILL] = rates.killing()[form] * heat;
            show[DEATH] = rates.dying()[form] * heat;
            show[ASSIST] = 0.05;
            show[LEVEL_UP] = form == STREAK ? 0.02 : 0.001;
        }
        steps.add(new Step(show[LOGOUT], LOGOUT, Behaviour.GONE));
        double nothing = 1;
        for (double probability : show) {
            nothing -= probability;
        }
        for (int event = Behaviour.NOTHING; event < LOGOUT; event++) {
            add(steps, event == Behaviour.NOTHING ? nothing : show[event], event, formAfter(form, event), shopAfter);
        }
        return steps;
    }

    private static void add(List<Step> steps, double probability, int event, double[] forms, double[] shops) {
        for (int form = 0; form < FORMS; form++) {
            steps.add(new Step(probability * forms[form] * shops[0], event, state(form, false)));
            steps.add(new Step(probability * forms[form] * shops[1], event, state(form, true)));
        }
    }

    private static double[] shopAfter(boolean shops, double spending) {
        double change = shops ? 0.006 : 0.0014 * spending;
        return shops ? new double[] {change, 1 - change} : new double[] {1 - change, change};
    }

    /** A kill may begin a streak or end a tilt, a death the other way round. */
    private static double[] formAfter(int form, int event) {
        double[] to = new double[FORMS];
        switch (form) {
            case EVEN -> {
                to[STREAK] = event == KILL ? 0.06 : 0.0005;
                to[TILTED] = event == DEATH ? 0.06 : 0.0005;
            }
            case STREAK -> to[EVEN] = event == DEATH ? 0.25 : 0.002;
            default -> to[EVEN] = event == KILL ? 0.25 : 0.002;
        }
        to[form] = 1 - to[EVEN] - to[STREAK] - to[TILTED];
        return to;
    }

    /** Points per minute on average, by form: what kills, deaths and ends of matches carry, with some noise. */
    private static double meanScore(int state) {
        return new double[] {18, 38, 4}[form(state)];
    }

    static double score(int state, double gaussian) {
        return meanScore(state) + SCORE_SPREAD * gaussian;
    }

    /** Up to a factor: how likely that score is in that state. */
    static double scoreDensity(int state, double score) {
        double z = (score - meanScore(state)) / SCORE_SPREAD;
        return Math.exp(-z * z / 2);
    }
}
