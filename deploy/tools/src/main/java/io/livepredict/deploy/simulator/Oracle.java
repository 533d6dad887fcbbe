package io.livepredict.deploy.simulator;

import io.livepredict.contract.Target;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The exact probability of a target's label, given the hidden state at the as-of tick. By dynamic programming over the
 * joint chain of environment and entity: competing outcomes are in the chain, events that get lost are weighed by the
 * probability that they are seen, and a change of the rates ahead is known.
 *
 * <p>Exact because an entity's events sit at a constant phase within the tick, so that (as-of, as-of + horizon] covers
 * the next horizon ticks and no others, and because who has gone stays away at least as long as the longest horizon.
 */
final class Oracle {
    private static final long TICK_MILLIS = 1_000;

    /** [ticks until the rates change, at most the horizon][state][environment]: that no such event is seen. */
    private final double[][][] noneSeen;

    private final boolean positiveWhenNoneSeen;
    private final int horizonTicks;
    private final boolean withinContext;

    /**
     * @param lost by event type: the probability that an event of that type never reaches the topic
     */
    private Oracle(Target target, Behaviour now, Behaviour later, List<String> types, double[] lost) {
        positiveWhenNoneSeen = target.outcome() == Target.Outcome.NONE_OF;
        horizonTicks = (int) (target.within().toMillis() / TICK_MILLIS);
        double[] seen = new double[types.size()];
        for (int type = 0; type < seen.length; type++) {
            seen[type] = target.eventTypes().contains(types.get(type)) ? 1 - lost[type] : 0;
        }
        withinContext = target.scope() == Target.Scope.SAME_CONTEXT;
        // With d ticks of the present rates left, a horizon of k ticks is d present steps in front of k - d later ones.
        noneSeen = new double[horizonTicks + 1][][];
        for (int present = 0; present <= horizonTicks; present++) {
            double[][] probability = new double[now.states()][now.environments()];
            for (double[] row : probability) {
                Arrays.fill(row, 1);
            }
            for (int tick = horizonTicks; tick > 0; tick--) {
                Behaviour rates = tick <= present ? now : later;
                probability = rates.noneSeen(probability, seen, withinContext);
            }
            noneSeen[present] = probability;
        }
    }

    /**
     * Tables for one target.
     *
     * @return null where there is no exact answer: sums, horizons that are no whole ticks or too long
     */
    static @Nullable Oracle of(
            Target target, Behaviour now, Behaviour later, List<String> types, double[] lost, int longestTicks) {
        long millis = target.within().toMillis();
        if (!target.isBinary() || millis % TICK_MILLIS != 0 || millis / TICK_MILLIS > longestTicks) {
            return null;
        }
        return new Oracle(target, now, later, types, lost);
    }

    /** Whether events in another context than the present one don't count. */
    boolean isWithinContext() {
        return withinContext;
    }

    /** The probability that the label is 1 where no event can count any more. */
    double whenGone() {
        return positiveWhenNoneSeen ? 1 : 0;
    }

    /** How many ticks the target looks ahead. */
    int horizonTicks() {
        return horizonTicks;
    }

    /** The probability that the label is 1. */
    double probability(int state, int environment, long ticksUntilChange) {
        double none = noneSeen[(int) Math.clamp(ticksUntilChange, 0, horizonTicks)][state][environment];
        return positiveWhenNoneSeen ? none : 1 - none;
    }
}
