package io.livepredict.trainer.wiring;

import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.family.Activation;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.HedgedModel;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.ModelStates;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.family.Training;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.learner.LearnerFactory;
import io.livepredict.trainer.optimiser.LearningRate;
import io.livepredict.trainer.optimiser.Optimiser;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A configured learner whose models are ONNX graphs, hedged with the base rate. */
public final class GraphLearner implements LearnerFactory {
    private final String name;
    private final String fingerprint;
    private final FamilySettings family;
    private final GraphRuntime runtime;
    private final boolean rehearses;

    /** @param followDrift whether averages start over when they lag behind */
    GraphLearner(LearnerEntry entry, GraphRuntime runtime, boolean followDrift) {
        this.runtime = runtime;
        name = entry.resolvedName();
        rehearses = !Boolean.FALSE.equals(entry.replay());
        // Drift handling may be turned off and on without losing what was learned: the fingerprint leaves it out.
        fingerprint = settings(entry, true).toString();
        family = settings(entry, followDrift);
    }

    /** All learners that are configured, in their order. */
    static List<LearnerFactory> all(List<LearnerEntry> entries, GraphRuntime runtime, boolean followDrift) {
        return entries.stream()
                .<LearnerFactory>map(entry -> new GraphLearner(entry, runtime, followDrift))
                .toList();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public boolean rehearses() {
        return rehearses;
    }

    @Override
    public TrainableModel create(BatchLayout layout, int batchCapacity, long seed) {
        return TrainableModels.hedged(family, layout, batchCapacity, seed, runtime);
    }

    @Override
    public ModelState migrate(ModelState old, BatchLayout from, BatchLayout to, long seed) {
        ModelState own = ModelStates.migrate(family, HedgedModel.learnersOwn(old), from, to, seed);
        return HedgedModel.migrate(own, old, from.targets(), to.targets());
    }

    /** What an entry says, over the family's defaults. */
    public static FamilySettings settings(LearnerEntry entry, boolean followDrift) {
        FamilySettings shipped = switch (entry.family()) {
            case LOGISTIC -> FamilySettings.Logistic.defaults();
            case MLP -> {
                FamilySettings.Mlp mlp = new FamilySettings.Mlp(List.of(64, 32), Activation.RELU, Training.adam(0.001));
                yield new FamilySettings.Mlp(
                        orElse(entry.hidden(), mlp.hidden()),
                        activation(entry),
                        orElse(entry.pieces(), mlp.pieces()),
                        mlp.training());
            }
            case WIDE_AND_DEEP -> {
                FamilySettings.WideAndDeep wide = FamilySettings.WideAndDeep.defaults();
                yield new FamilySettings.WideAndDeep(
                        orElse(entry.hidden(), wide.hidden()),
                        activation(entry),
                        orElse(entry.embedding(), wide.embedding()),
                        wide.maxRows(),
                        wide.wideOptimiser(),
                        wide.training());
            }
            case GRU -> {
                FamilySettings.Gru gru = FamilySettings.Gru.defaults();
                yield new FamilySettings.Gru(
                        orElse(entry.units(), gru.units()),
                        orElse(entry.hidden(), gru.hidden()),
                        activation(entry),
                        gru.training());
            }
            case CNN -> {
                FamilySettings.Cnn cnn = FamilySettings.Cnn.defaults();
                yield new FamilySettings.Cnn(
                        orElse(entry.filters(), cnn.filters()),
                        orElse(entry.window(), cnn.window()),
                        orElse(entry.hidden(), cnn.hidden()),
                        activation(entry),
                        cnn.training());
            }
        };
        return shipped.with(training(entry, shipped.training(), followDrift));
    }

    private static Training training(LearnerEntry entry, Training shipped, boolean followDrift) {
        double constant = orElse(entry.learningRate(), shipped.learningRate().at(1));
        Double start = entry.startRate();
        if (start != null && start < constant) {
            throw new IllegalArgumentException("start-rate of learner " + entry.resolvedName()
                    + " must be at least its learning rate, " + constant + ", got " + start);
        }
        LearningRate rate = start == null
                ? new LearningRate.Constant(constant)
                : new LearningRate.InverseSquareRoot(start, constant);
        Optimiser rule = optimiser(entry, shipped.optimiser());
        return shipped.with(rule)
                .with(rate)
                .withL2(orElse(entry.l2(), shipped.l2()))
                .withClipNorm(orElse(entry.clipNorm(), shipped.clipNorm()))
                .withPositiveWeight(orElse(entry.positiveWeight(), shipped.positiveWeight()))
                .averagedOver(
                        orElse(entry.averageOver(), rule instanceof Optimiser.Adam ? LearnerEntry.AVERAGE_OVER : 0),
                        followDrift);
    }

    private static Optimiser optimiser(LearnerEntry entry, Optimiser shipped) {
        if (entry.optimiser() == null) {
            return shipped;
        }
        return switch (entry.optimiser()) {
            case SGD -> new Optimiser.Sgd();
            case MOMENTUM -> Optimiser.Momentum.defaults();
            case ADAGRAD -> Optimiser.AdaGrad.defaults();
            case RMSPROP -> Optimiser.RmsProp.defaults();
            case ADAM -> Optimiser.Adam.defaults();
            case FTRL -> Optimiser.Ftrl.defaults();
        };
    }

    private static Activation activation(LearnerEntry entry) {
        return entry.activation() == null
                ? Activation.RELU
                : switch (entry.activation()) {
                    case SIGMOID -> Activation.SIGMOID;
                    case TANH -> Activation.TANH;
                    case RELU -> Activation.RELU;
                };
    }

    private static <T> T orElse(@Nullable T configured, T shipped) {
        return configured == null ? shipped : configured;
    }
}
