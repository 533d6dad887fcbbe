package io.livepredict.trainer.optimiser;

/** The learning rate η as a function of the step t (from 1). */
public sealed interface LearningRate {
    /** η of step t. */
    double at(long step);

    /** Always the same: keeps following drift, and never settles. */
    record Constant(double rate) implements LearningRate {
        public Constant {
            requireRate(rate);
        }

        @Override
        public double at(long step) {
            return rate;
        }
    }

    /**
     * η₀ / (1 + (t − 1)/τ), the classical decay that converges (Robbins and Monro 1951; Bottou 2012, Stochastic Gradient
     * Descent Tricks, §5.2), not below a floor.
     *
     * @param rate η₀
     * @param halfAfter τ: steps after which it is half
     * @param floor the least rate
     */
    record InverseTime(double rate, double halfAfter, double floor) implements LearningRate {
        public InverseTime {
            requireRate(rate);
            require(halfAfter > 0, "half-after must be positive, got " + halfAfter);
            require(floor >= 0 && floor <= rate, "floor must be between 0 and the rate, got " + floor);
        }

        @Override
        public double at(long step) {
            return Math.max(floor, rate / (1 + (step - 1) / halfAfter));
        }
    }

    /**
     * η₀ / √t, the rate of online gradient descent with its O(√T) regret (Zinkevich, ICML 2003, theorem 1), not below a floor.
     */
    record InverseSquareRoot(double rate, double floor) implements LearningRate {
        public InverseSquareRoot {
            requireRate(rate);
            require(floor >= 0 && floor <= rate, "floor must be between 0 and the rate, got " + floor);
        }

        @Override
        public double at(long step) {
            return Math.max(floor, rate / Math.sqrt((double) step));
        }
    }

    /**
     * η₀ · factor^((t − 1)/every), not below a floor.
     *
     * @param factor in (0, 1]
     * @param every steps in which it shrinks by that factor
     */
    record Exponential(double rate, double factor, double every, double floor) implements LearningRate {
        public Exponential {
            requireRate(rate);
            require(factor > 0 && factor <= 1, "factor must be in (0, 1], got " + factor);
            require(every > 0, "every must be positive, got " + every);
            require(floor >= 0 && floor <= rate, "floor must be between 0 and the rate, got " + floor);
        }

        @Override
        public double at(long step) {
            return Math.max(floor, rate * StrictMath.pow(factor, (step - 1) / every));
        }
    }

    /** Rises in a straight line for the first steps (Goyal et al. 2017, arXiv 1706.02677, §2.2), then follows another. */
    record WarmUp(long steps, LearningRate then) implements LearningRate {
        public WarmUp {
            require(steps > 0, "warm-up steps must be positive, got " + steps);
        }

        @Override
        public double at(long step) {
            return then.at(step) * Math.min(1, (double) step / steps);
        }
    }

    private static void requireRate(double rate) {
        require(rate > 0 && Double.isFinite(rate), "learning rate must be positive, got " + rate);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
