package io.livepredict.trainer.family;

import io.livepredict.trainer.optimiser.Optimiser;
import java.util.List;

/** Which network, how large, and how it learns. */
public sealed interface FamilySettings {
    /** The family's name in configuration and manifests. */
    String id();

    /** How it learns. */
    Training training();

    /** The same network, trained otherwise. */
    FamilySettings with(Training training);

    /** Whether it reads the last K events. */
    default boolean usesSequence() {
        return false;
    }

    /** Whether it reads the hashed ids. */
    default boolean usesIds() {
        return false;
    }

    /** One weighted sum of the dense features per target. */
    record Logistic(Training training) implements FamilySettings {
        /** Adam at 0.01. */
        public static Logistic defaults() {
            return new Logistic(Training.adam(0.01));
        }

        @Override
        public String id() {
            return "logistic";
        }

        @Override
        public FamilySettings with(Training other) {
            return new Logistic(other);
        }
    }

    /**
     * Fully connected layers over the dense features.
     *
     * @param hidden width of each hidden layer, at least one
     * @param pieces how many piecewise-linear inputs all features together have besides ({@link Pieces}); 0 for none
     */
    record Mlp(List<Integer> hidden, Activation activation, int pieces, Training training) implements FamilySettings {
        public Mlp {
            hidden = checked(hidden, 1);
            require(pieces >= 0, "pieces must not be negative, got " + pieces);
        }

        /** Without piecewise-linear inputs. */
        public Mlp(List<Integer> hidden, Activation activation, Training training) {
            this(hidden, activation, 0, training);
        }

        /** Part of fingerprints: without pieces what it was before there were any, so that saved states are still taken up. */
        @Override
        public String toString() {
            return "Mlp[hidden=" + hidden + ", activation=" + activation + (pieces == 0 ? "" : ", pieces=" + pieces)
                    + ", training=" + training + ']';
        }

        /** 128 and 64 ReLUs, Adam at 0.003. */
        public static Mlp defaults() {
            return new Mlp(List.of(128, 64), Activation.RELU, Training.adam(0.003));
        }

        @Override
        public String id() {
            return "mlp";
        }

        @Override
        public FamilySettings with(Training other) {
            return new Mlp(hidden, activation, pieces, other);
        }
    }

    /**
     * A sum of one weight per id (wide) plus fully connected layers over the dense features and an embedding of each id (deep):
     * Cheng et al., Wide and Deep Learning for Recommender Systems, DLRS 2016.
     *
     * @param hidden width of each hidden layer, at least one
     * @param embedding width of an id's embedding
     * @param maxRows most rows an id's table has; ids beyond share rows
     * @param wideOptimiser what trains the wide weights, FTRL in the paper
     */
    record WideAndDeep(
            List<Integer> hidden,
            Activation activation,
            int embedding,
            int maxRows,
            Optimiser wideOptimiser,
            Training training)
            implements FamilySettings {
        /** Most rows of a table. */
        public static final int MOST_ROWS = 1 << 16;

        public WideAndDeep {
            hidden = checked(hidden, 1);
            require(embedding > 0, "embedding must be positive, got " + embedding);
            require(maxRows > 0 && maxRows <= MOST_ROWS, "max rows must be 1 to " + MOST_ROWS + ", got " + maxRows);
        }

        /** 64 and 32 ReLUs, embeddings of 8, tables to 2^16 rows, FTRL for the wide part, Adam at 0.003 for the deep. */
        public static WideAndDeep defaults() {
            return new WideAndDeep(
                    List.of(64, 32), Activation.RELU, 8, MOST_ROWS, Optimiser.Ftrl.defaults(), Training.adam(0.003));
        }

        @Override
        public String id() {
            return "wide-and-deep";
        }

        @Override
        public boolean usesIds() {
            return true;
        }

        @Override
        public FamilySettings with(Training other) {
            return new WideAndDeep(hidden, activation, embedding, maxRows, wideOptimiser, other);
        }
    }

    /**
     * A gated recurrent unit over the last K events, its last state beside the dense features under fully connected layers:
     * Cho et al., EMNLP 2014, in the form with the reset gate behind the product (as cuDNN computes it).
     *
     * @param units width of the recurrent state
     * @param hidden width of each hidden layer above; may be empty
     */
    record Gru(int units, List<Integer> hidden, Activation activation, Training training) implements FamilySettings {
        public Gru {
            hidden = checked(hidden, 0);
            require(units > 0, "units must be positive, got " + units);
        }

        /** 32 units, 64 ReLUs above, Adam at 0.003. */
        public static Gru defaults() {
            return new Gru(32, List.of(64), Activation.RELU, Training.adam(0.003));
        }

        @Override
        public String id() {
            return "gru";
        }

        @Override
        public boolean usesSequence() {
            return true;
        }

        @Override
        public FamilySettings with(Training other) {
            return new Gru(units, hidden, activation, other);
        }
    }

    /**
     * Filters over windows of successive events, each one's largest response beside the dense features under fully connected
     * layers: Kim, Convolutional Neural Networks for Sentence Classification, EMNLP 2014.
     *
     * @param filters how many
     * @param window events a filter sees at once
     * @param hidden width of each hidden layer above; may be empty
     */
    record Cnn(int filters, int window, List<Integer> hidden, Activation activation, Training training)
            implements FamilySettings {
        public Cnn {
            hidden = checked(hidden, 0);
            require(filters > 0, "filters must be positive, got " + filters);
            require(window > 0, "window must be positive, got " + window);
        }

        /** 32 filters over 4 events, 64 ReLUs above, Adam at 0.003. */
        public static Cnn defaults() {
            return new Cnn(32, 4, List.of(64), Activation.RELU, Training.adam(0.003));
        }

        @Override
        public String id() {
            return "cnn";
        }

        @Override
        public boolean usesSequence() {
            return true;
        }

        @Override
        public FamilySettings with(Training other) {
            return new Cnn(filters, window, hidden, activation, other);
        }
    }

    private static List<Integer> checked(List<Integer> hidden, int least) {
        require(hidden.size() >= least, "at least " + least + " hidden layer is wanted");
        require(hidden.stream().allMatch(w -> w > 0), "hidden layers must be positive, got " + hidden);
        return List.copyOf(hidden);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException("family: " + message);
        }
    }
}
