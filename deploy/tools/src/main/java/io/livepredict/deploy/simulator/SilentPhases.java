package io.livepredict.deploy.simulator;

import io.livepredict.deploy.simulator.Behaviour.Rule;
import io.livepredict.deploy.simulator.Behaviour.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Silence that may mean three things, which only time tells apart: an entity is away for some seconds, asleep for minutes, or
 * has gone without a word. It shows nothing in any of them, and who comes back is in the state it was in before.
 *
 * <p>States are those of the rule that is wrapped, then the same again away, then asleep.
 */
final class SilentPhases {
    private static final double TO_AWAY = 0.012;
    private static final double TO_SLEEP = 0.004;
    private static final double TO_GONE = 0.004;
    private static final double BACK_FROM_AWAY = 1 / 12.0;
    private static final double BACK_FROM_SLEEP = 1 / 240.0;

    private SilentPhases() {}

    /** Probabilities of the state in which an entity arrives: none arrives silent. */
    static double[] arrival(double[] usual) {
        return Arrays.copyOf(usual, 3 * usual.length);
    }

    /** @param states of the rule */
    static Rule around(Rule rule, int states) {
        return (state, before, after) -> {
            if (state >= 2 * states) {
                return back(state, state - 2 * states, BACK_FROM_SLEEP);
            }
            if (state >= states) {
                return back(state, state - states, BACK_FROM_AWAY);
            }
            double rest = 1 - TO_AWAY - TO_SLEEP - TO_GONE;
            List<Step> steps = new ArrayList<>();
            for (Step step : rule.steps(state, before, after)) {
                steps.add(new Step(step.probability() * rest, step.event(), step.nextState()));
            }
            steps.add(new Step(TO_AWAY, Behaviour.NOTHING, state + states));
            steps.add(new Step(TO_SLEEP, Behaviour.NOTHING, state + 2 * states));
            steps.add(new Step(TO_GONE, Behaviour.NOTHING, Behaviour.GONE));
            return steps;
        };
    }

    private static List<Step> back(int state, int active, double probability) {
        return List.of(
                new Step(probability, Behaviour.NOTHING, active), new Step(1 - probability, Behaviour.NOTHING, state));
    }
}
