package io.livepredict.deploy.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A finite Markov chain in ticks of one second: an environment (a room, an arena) that moves by itself, and an entity
 * whose step depends on its own state and on the environment's move. In one tick an entity shows at most one event.
 * Given the states of both at one tick, everything after is independent of everything before; that is what makes the
 * oracle's probabilities exact.
 *
 * <p>Immutable; tables are shared by all entities.
 */
final class Behaviour {
    /** As an event type: nothing is shown. */
    static final int NOTHING = -1;
    /** As a next state: the entity has gone; it comes back no sooner than the longest horizon allows. */
    static final int GONE = -1;

    private final double[][] environment;
    private final double[][][][] cumulative;
    private final int[][][][] events;
    private final int[][][][] nextStates;
    private final double[] arrival;
    private final boolean[][] newContext;

    /** What may happen to an entity in one tick: with this probability, this event, and then this state. */
    record Step(double probability, int event, int nextState) {}

    /** All that may happen in state {@code state} while the environment moves; probabilities sum to 1. */
    @FunctionalInterface
    interface Rule {
        List<Step> steps(int state, int environmentBefore, int environmentAfter);
    }

    /**
     * @param environment probabilities of the environment's move, rows sum to 1
     * @param arrival probabilities of the state in which an entity arrives
     * @param newContext whether that move of the environment begins a new context (a match)
     * @param rule the entity's steps
     */
    Behaviour(double[][] environment, double[] arrival, boolean[][] newContext, Rule rule) {
        this.environment = environment;
        this.arrival = arrival;
        this.newContext = newContext;
        int states = arrival.length;
        int environments = environment.length;
        cumulative = new double[states][environments][environments][];
        events = new int[states][environments][environments][];
        nextStates = new int[states][environments][environments][];
        for (int s = 0; s < states; s++) {
            for (int from = 0; from < environments; from++) {
                for (int to = 0; to < environments; to++) {
                    if (environment[from][to] > 0) {
                        set(s, from, to, rule.steps(s, from, to));
                    }
                }
            }
        }
    }

    /** The same with phases in which an entity is silent, for three reasons ({@link SilentPhases}). */
    static Behaviour withSilences(double[][] environment, double[] arrival, boolean[][] newContext, Rule rule) {
        return new Behaviour(
                environment, SilentPhases.arrival(arrival), newContext, SilentPhases.around(rule, arrival.length));
    }

    private void set(int state, int from, int to, List<Step> steps) {
        List<Step> possible = new ArrayList<>(steps);
        possible.removeIf(step -> step.probability() <= 0);
        double[] sums = new double[possible.size()];
        double sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += possible.get(i).probability();
            sums[i] = sum;
        }
        if (Math.abs(sum - 1) > 1e-9) {
            throw new IllegalArgumentException(
                    "steps of state " + state + " in environment " + from + "→" + to + " sum to " + sum);
        }
        sums[sums.length - 1] = 1;
        cumulative[state][from][to] = sums;
        events[state][from][to] = possible.stream().mapToInt(Step::event).toArray();
        nextStates[state][from][to] =
                possible.stream().mapToInt(Step::nextState).toArray();
    }

    int states() {
        return arrival.length;
    }

    int environments() {
        return environment.length;
    }

    boolean beginsContext(int from, int to) {
        return newContext[from][to];
    }

    int drawEnvironment(int from, SplittableRandom random) {
        return draw(environment[from], random);
    }

    int drawArrival(SplittableRandom random) {
        return draw(arrival, random);
    }

    /** Index of the step taken; what it shows and where it leads is in {@link #event} and {@link #next}. */
    int drawStep(int state, int from, int to, SplittableRandom random) {
        double[] sums = cumulative[state][from][to];
        double u = random.nextDouble();
        int low = 0;
        int high = sums.length - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (u < sums[middle]) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    int event(int state, int from, int to, int step) {
        return events[state][from][to][step];
    }

    int next(int state, int from, int to, int step) {
        return nextStates[state][from][to][step];
    }

    /**
     * One step back of the dynamic programme: the probability that no event of a set is seen in the coming tick nor in
     * those that {@code after} stands for.
     *
     * @param after [state][environment] that none is seen later on
     * @param seen by event type: the probability that such an event is seen (0 for types outside the set)
     * @param withinContext whether events in a new context don't count
     * @return [state][environment]
     */
    double[][] noneSeen(double[][] after, double[] seen, boolean withinContext) {
        double[][] before = new double[states()][environments()];
        for (int s = 0; s < before.length; s++) {
            for (int from = 0; from < environments(); from++) {
                double sum = 0;
                for (int to = 0; to < environments(); to++) {
                    double move = environment[from][to];
                    if (move > 0) {
                        sum += move * (withinContext && newContext[from][to] ? 1 : noneSeen(s, from, to, after, seen));
                    }
                }
                before[s][from] = sum;
            }
        }
        return before;
    }

    private double noneSeen(int state, int from, int to, double[][] after, double[] seen) {
        double[] sums = cumulative[state][from][to];
        int[] shown = events[state][from][to];
        int[] next = nextStates[state][from][to];
        double total = 0;
        double previous = 0;
        for (int i = 0; i < sums.length; i++) {
            double probability = sums[i] - previous;
            previous = sums[i];
            double hidden = shown[i] == NOTHING ? 1 : 1 - seen[shown[i]];
            total += probability * hidden * (next[i] == GONE ? 1 : after[next[i]][to]);
        }
        return total;
    }

    double arrival(int state) {
        return arrival[state];
    }

    /**
     * One step of the forward algorithm: joint probabilities after a tick in which that event, or none, was seen of an
     * entity that is still there.
     *
     * @param belief [state][environment] before
     * @param type the event seen, or {@link #NOTHING}
     * @param lost by type: the probability that such an event is not seen
     * @param after where the joint probabilities are added
     */
    void observe(double[][] belief, int type, double[] lost, double[][] after) {
        for (int s = 0; s < belief.length; s++) {
            for (int from = 0; from < environments(); from++) {
                for (int to = 0; to < environments(); to++) {
                    if (environment[from][to] > 0 && belief[s][from] > 0) {
                        observe(s, from, to, belief[s][from] * environment[from][to], type, lost, after);
                    }
                }
            }
        }
    }

    private void observe(int state, int from, int to, double mass, int type, double[] lost, double[][] after) {
        double[] sums = cumulative[state][from][to];
        double previous = 0;
        for (int i = 0; i < sums.length; i++) {
            double probability = mass * (sums[i] - previous);
            previous = sums[i];
            int shown = events[state][from][to][i];
            int next = nextStates[state][from][to][i];
            if (next == GONE) {
                continue;
            }
            if (shown == type) {
                after[next][to] += probability * (shown == NOTHING ? 1 : 1 - lost[shown]);
            } else if (type == NOTHING) {
                after[next][to] += probability * lost[shown];
            }
        }
    }

    /**
     * One tick in which nothing is seen of an entity: what may have happened, and how probable that was.
     *
     * @param here [state][environment] before, of one that is in the context it was seen in
     * @param elsewhere the same of one for whom a new context has begun since
     * @param lost by type: the probability that such an event is not seen
     * @param nextHere where what follows is added
     * @param nextElsewhere the same
     * @return the probability that it has gone in this tick
     */
    double silent(double[][] here, double[][] elsewhere, double[] lost, double[][] nextHere, double[][] nextElsewhere) {
        double gone = 0;
        for (int s = 0; s < here.length; s++) {
            for (int from = 0; from < environments(); from++) {
                for (int to = 0; to < environments(); to++) {
                    double move = environment[from][to];
                    if (move > 0) {
                        double[][] next = newContext[from][to] ? nextElsewhere : nextHere;
                        gone += silent(s, from, to, here[s][from] * move, lost, next);
                        gone += silent(s, from, to, elsewhere[s][from] * move, lost, nextElsewhere);
                    }
                }
            }
        }
        return gone;
    }

    private double silent(int state, int from, int to, double mass, double[] lost, double[][] after) {
        double[] sums = cumulative[state][from][to];
        double previous = 0;
        double gone = 0;
        for (int i = 0; i < sums.length; i++) {
            int shown = events[state][from][to][i];
            double probability = mass * (sums[i] - previous) * (shown == NOTHING ? 1 : lost[shown]);
            previous = sums[i];
            int next = nextStates[state][from][to][i];
            if (next == GONE) {
                gone += probability;
            } else {
                after[next][to] += probability;
            }
        }
        return gone;
    }

    /**
     * Long-run averages of an entity that comes back after a while.
     *
     * @param meanAwayTicks how long it stays away on average
     * @return share of time it is there, and events shown per tick of all time
     */
    LongRun longRun(double meanAwayTicks) {
        int states = states();
        double[][] here = new double[states][environments()];
        double[] gone = new double[environments()];
        for (int e = 0; e < gone.length; e++) {
            gone[e] = 1.0 / gone.length;
        }
        double shown = 0;
        for (int tick = 0; tick < 4_000; tick++) {
            double[][] nextHere = new double[states][environments()];
            double[] nextGone = new double[environments()];
            shown = 0;
            for (int from = 0; from < environments(); from++) {
                for (int to = 0; to < environments(); to++) {
                    double move = environment[from][to];
                    if (move == 0) {
                        continue;
                    }
                    double back = gone[from] * move / meanAwayTicks;
                    shown += back;
                    nextGone[to] += gone[from] * move - back;
                    for (int s = 0; s < states; s++) {
                        nextHere[s][to] += back * arrival[s];
                        shown += spread(s, from, to, here[s][from] * move, nextHere, nextGone);
                    }
                }
            }
            here = nextHere;
            gone = nextGone;
        }
        double away = 0;
        for (double g : gone) {
            away += g;
        }
        return new LongRun(1 - away, shown);
    }

    private double spread(int state, int from, int to, double mass, double[][] here, double[] gone) {
        double[] sums = cumulative[state][from][to];
        double previous = 0;
        double shown = 0;
        for (int i = 0; i < sums.length; i++) {
            double probability = mass * (sums[i] - previous);
            previous = sums[i];
            if (events[state][from][to][i] != NOTHING) {
                shown += probability;
            }
            int next = nextStates[state][from][to][i];
            if (next == GONE) {
                gone[to] += probability;
            } else {
                here[next][to] += probability;
            }
        }
        return shown;
    }

    /** @param present share of time an entity is there; @param eventsPerTick events it shows per tick of all time */
    record LongRun(double present, double eventsPerTick) {}

    private static int draw(double[] probabilities, SplittableRandom random) {
        double u = random.nextDouble();
        for (int i = 0; i < probabilities.length - 1; i++) {
            u -= probabilities[i];
            if (u < 0) {
                return i;
            }
        }
        return probabilities.length - 1;
    }
}
