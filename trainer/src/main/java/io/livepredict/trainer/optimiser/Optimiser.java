package io.livepredict.trainer.optimiser;

import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A rule that turns parameters and the gradient of the loss into new parameters, elementwise, as a graph. What it
 * remembers of a parameter is kept in slots of the parameter's shape. Notation: θ parameters, g gradient, η learning rate,
 * t step from 1.
 */
public sealed interface Optimiser {
    /** What it remembers, e.g. {@code momentum}; stable, for checkpoints. */
    List<String> slots();

    /**
     * Fills a slot for parameters that have just been initialised.
     *
     * @param slot index into {@link #slots}
     * @param parameters their values
     */
    default float[] initialSlot(int slot, float[] parameters) {
        return new float[parameters.length];
    }

    /** How many numbers a step needs from outside; they travel as scalar inputs so that the graph stays the same. */
    int scalars();

    /**
     * Those numbers.
     *
     * @param learningRate η of this step
     * @param step t, from 1
     */
    float[] scalars(double learningRate, long step);

    /**
     * Adds the update to the graph.
     *
     * @param parameters θ
     * @param gradient g, of the same shape
     * @param slots of the same shape, in the order of {@link #slots}
     * @param scalars as {@link #scalars(double, long)} gives them
     */
    Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars);

    /** θ ← θ − η·g (Robbins and Monro 1951; Bottou 1998, eq. 2.2). */
    record Sgd() implements Optimiser {
        @Override
        public List<String> slots() {
            return List.of();
        }

        @Override
        public int scalars() {
            return 1;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return new float[] {(float) learningRate};
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            return new Update(g.sub(parameters, g.mul(gradient, scalars.get(0))), List.of());
        }
    }

    /**
     * v ← μ·v + g; θ ← θ − η·v (Polyak 1964; Sutskever et al. 2013, eqs. 1 and 2, with the learning rate outside so that it
     * may change).
     *
     * @param momentum μ, in [0, 1)
     */
    record Momentum(double momentum) implements Optimiser {
        public Momentum {
            require(momentum >= 0 && momentum < 1, "momentum must be in [0, 1)", momentum);
        }

        /** μ = 0.9. */
        public static Momentum defaults() {
            return new Momentum(0.9);
        }

        @Override
        public List<String> slots() {
            return List.of("velocity");
        }

        @Override
        public int scalars() {
            return 1;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return new float[] {(float) learningRate};
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            Value velocity = g.add(g.mul(slots.get(0), (float) momentum), gradient);
            return new Update(g.sub(parameters, g.mul(velocity, scalars.get(0))), List.of(velocity));
        }
    }

    /**
     * s ← s + g²; θ ← θ − η·g / (√s + ε) (Duchi, Hazan and Singer, JMLR 12, 2011, the diagonal case of figure 1).
     *
     * @param initialAccumulator what s starts with; above 0 it keeps the first steps small
     * @param epsilon ε
     */
    record AdaGrad(double initialAccumulator, double epsilon) implements Optimiser {
        public AdaGrad {
            require(initialAccumulator >= 0, "initial accumulator must not be negative", initialAccumulator);
            require(epsilon > 0, "epsilon must be positive", epsilon);
        }

        /** s from 0.1, ε = 1e-7. */
        public static AdaGrad defaults() {
            return new AdaGrad(0.1, 1e-7);
        }

        @Override
        public List<String> slots() {
            return List.of("squares");
        }

        @Override
        public float[] initialSlot(int slot, float[] parameters) {
            float[] values = new float[parameters.length];
            Arrays.fill(values, (float) initialAccumulator);
            return values;
        }

        @Override
        public int scalars() {
            return 1;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return new float[] {(float) learningRate};
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            Value squares = g.add(slots.get(0), g.square(gradient));
            Value scaled = g.div(gradient, g.add(g.sqrt(squares), (float) epsilon));
            return new Update(g.sub(parameters, g.mul(scaled, scalars.get(0))), List.of(squares));
        }
    }

    /**
     * s ← ρ·s + (1 − ρ)·g²; θ ← θ − η·g / (√s + ε) (Tieleman and Hinton, Coursera lecture 6.5, 2012; Goodfellow et al. 2016,
     * algorithm 8.5, with ε outside the root).
     *
     * @param decay ρ, in [0, 1)
     * @param epsilon ε
     */
    record RmsProp(double decay, double epsilon) implements Optimiser {
        public RmsProp {
            require(decay >= 0 && decay < 1, "decay must be in [0, 1)", decay);
            require(epsilon > 0, "epsilon must be positive", epsilon);
        }

        /** ρ = 0.9, ε = 1e-7. */
        public static RmsProp defaults() {
            return new RmsProp(0.9, 1e-7);
        }

        @Override
        public List<String> slots() {
            return List.of("squares");
        }

        @Override
        public int scalars() {
            return 1;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return new float[] {(float) learningRate};
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            Value squares = decayed(g, slots.get(0), g.square(gradient), decay);
            Value scaled = g.div(gradient, g.add(g.sqrt(squares), (float) epsilon));
            return new Update(g.sub(parameters, g.mul(scaled, scalars.get(0))), List.of(squares));
        }
    }

    /**
     * m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − η·m̂ / (√v̂ + ε), with m̂ = m/(1 − β₁ᵗ) and v̂ = v/(1 − β₂ᵗ) (Kingma
     * and Ba, ICLR 2015, arXiv 1412.6980, algorithm 1). The corrections are folded into two scalars, which changes nothing:
     * η√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m / (√v + ε√(1 − β₂ᵗ)).
     *
     * <p>Rows of an embedding that a batch does not touch keep their m and v (lazy Adam); t is the global step.
     */
    record Adam(double beta1, double beta2, double epsilon) implements Optimiser {
        public Adam {
            require(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1)", beta1);
            require(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1)", beta2);
            require(epsilon > 0, "epsilon must be positive", epsilon);
        }

        /** The paper's: β₁ = 0.9, β₂ = 0.999, ε = 1e-8. */
        public static Adam defaults() {
            return new Adam(0.9, 0.999, 1e-8);
        }

        @Override
        public List<String> slots() {
            return List.of("mean", "squares");
        }

        @Override
        public int scalars() {
            return 2;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            double root = Math.sqrt(1 - StrictMath.pow(beta2, (double) step));
            return new float[] {
                (float) (learningRate * root / (1 - StrictMath.pow(beta1, (double) step))), (float) (epsilon * root)
            };
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            Value mean = decayed(g, slots.get(0), gradient, beta1);
            Value squares = decayed(g, slots.get(1), g.square(gradient), beta2);
            Value scaled = g.div(g.mul(mean, scalars.get(0)), g.add(g.sqrt(squares), scalars.get(1)));
            return new Update(g.sub(parameters, scaled), List.of(mean, squares));
        }
    }

    /**
     * FTRL-proximal with per-coordinate rates: σ = (√(n + g²) − √n)/α; z ← z + g − σθ; n ← n + g²; θ = 0 where |z| ≤ λ₁,
     * else −(z − sign(z)λ₁) / ((β + √n)/α + λ₂) (McMahan et al., Ad Click Prediction, KDD 2013, algorithm 1). Keeps rare
     * features at exactly 0. Its rate is α: a learning-rate schedule does not reach it, for z remembers past rates.
     */
    record Ftrl(double alpha, double beta, double l1, double l2) implements Optimiser {
        public Ftrl {
            require(alpha > 0, "alpha must be positive", alpha);
            require(beta > 0, "beta must be positive", beta);
            require(l1 >= 0, "l1 must not be negative", l1);
            require(l2 >= 0, "l2 must not be negative", l2);
        }

        /** α = 0.1, β = 1, λ₁ = λ₂ = 0: the paper's choice of β; the penalties are left to the user. */
        public static Ftrl defaults() {
            return new Ftrl(0.1, 1, 0, 0);
        }

        @Override
        public List<String> slots() {
            return List.of("z", "n");
        }

        /** z such that the closed form gives the initial parameters back. */
        @Override
        public float[] initialSlot(int slot, float[] parameters) {
            float[] values = new float[parameters.length];
            if (slot == 0) {
                for (int i = 0; i < values.length; i++) {
                    double theta = parameters[i];
                    values[i] = (float) (-theta * (beta / alpha + l2) - Math.signum(theta) * l1);
                }
            }
            return values;
        }

        @Override
        public int scalars() {
            return 0;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return new float[0];
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            Value z = slots.get(0);
            Value n = slots.get(1);
            Value newN = g.add(n, g.square(gradient));
            Value rootN = g.sqrt(newN);
            Value sigma = g.mul(g.sub(rootN, g.sqrt(n)), (float) (1 / alpha));
            Value newZ = g.sub(g.add(z, gradient), g.mul(sigma, parameters));
            // sign(z)·max(|z| − λ₁, 0) is 0 exactly where the closed form is.
            Value shrunk = l1 == 0 ? newZ : g.mul(g.sign(newZ), g.relu(g.add(g.abs(newZ), (float) -l1)));
            Value curvature = g.add(g.mul(rootN, (float) (1 / alpha)), (float) (beta / alpha + l2));
            return new Update(g.neg(g.div(shrunk, curvature)), List.of(newZ, newN));
        }
    }

    /**
     * Another rule with a running average of the parameters beside: θ̄ ← θ̄ + c·(θ − θ̄), c = max(1/τ, 9/(10 + t)). A constant rate
     * keeps θ moving about the optimum, by more the higher the rate; the average is as near to it as a lower rate would
     * come, and gets there as fast as the higher one (Polyak and Juditsky, Acceleration of stochastic approximation by
     * averaging, SIAM J. Control and Optimization 30, 1992; decayed, so that it follows drift). What is learned is the same
     * with it and without. The average may start again, from t = 0, while the rule goes on.
     *
     * @param rule that moves θ
     * @param steps τ: over how many the average fades; its first steps, whose parameters are far off, count for little
     */
    record Averaged(Optimiser rule, double steps) implements Optimiser {
        /** The slot that holds θ̄. */
        public static final String AVERAGE = "average";

        public Averaged {
            require(steps >= 1, "an average must be over at least 1 step", steps);
        }

        @Override
        public List<String> slots() {
            List<String> all = new ArrayList<>(rule.slots());
            all.add(AVERAGE);
            return all;
        }

        @Override
        public float[] initialSlot(int slot, float[] parameters) {
            return slot < rule.slots().size() ? rule.initialSlot(slot, parameters) : parameters.clone();
        }

        @Override
        public int scalars() {
            return rule.scalars() + 1;
        }

        @Override
        public float[] scalars(double learningRate, long step) {
            return scalars(learningRate, step, step);
        }

        /**
         * The same for an average that has started again.
         *
         * @param averaged steps since then, this one included: t of c alone
         */
        public float[] scalars(double learningRate, long step, long averaged) {
            float[] all = Arrays.copyOf(rule.scalars(learningRate, step), rule.scalars() + 1);
            all[rule.scalars()] = (float) Math.max(1 / steps, 9 / (10.0 + averaged));
            return all;
        }

        @Override
        public Update update(Graph g, Value parameters, Value gradient, List<Value> slots, List<Value> scalars) {
            int own = rule.slots().size();
            Update update =
                    rule.update(g, parameters, gradient, slots.subList(0, own), scalars.subList(0, rule.scalars()));
            Value average = slots.get(own);
            List<Value> after = new ArrayList<>(update.slots());
            after.add(g.add(average, g.mul(g.sub(update.parameters(), average), scalars.get(rule.scalars()))));
            return new Update(update.parameters(), after);
        }
    }

    private static Value decayed(Graph g, Value old, Value now, double keep) {
        return g.add(g.mul(old, (float) keep), g.mul(now, (float) (1 - keep)));
    }

    private static void require(boolean condition, String message, double got) {
        if (!condition) {
            throw new IllegalArgumentException(message + ", got " + got);
        }
    }
}
