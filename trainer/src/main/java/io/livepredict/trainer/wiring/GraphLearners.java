package io.livepredict.trainer.wiring;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.config.LearnerEntry;
import io.livepredict.trainer.family.Activation;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.HedgedModel;
import io.livepredict.trainer.family.ModelState;
import io.livepredict.trainer.family.ModelStates;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.family.Training;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.learner.LearnerFactory;
import io.livepredict.trainer.learner.LearnerSpec;
import io.livepredict.trainer.optimiser.LearningRate;
import io.livepredict.trainer.optimiser.Optimiser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Makes the configured learners as ONNX graphs. */
final class GraphLearners implements LearnerFactory {
    private final Map<LearnerSpec, FamilySettings> learners = new LinkedHashMap<>();
    private final GraphRuntime runtime;

    /** @param followDrift whether averages begin anew when they lag behind */
    GraphLearners(List<LearnerEntry> entries, GraphRuntime runtime, boolean followDrift) {
        this.runtime = runtime;
        for (LearnerEntry entry : entries) {
            // Drift handling may be turned off and on without losing what was learned: it is no part of the
            // fingerprint.
            String fingerprint = settings(entry, true).toString();
            learners.put(new LearnerSpec(entry.resolvedName(), fingerprint), settings(entry, followDrift));
        }
    }

    @Override
    public List<LearnerSpec> learners() {
        return List.copyOf(learners.keySet());
    }

    @Override
    public TrainableModel create(
            LearnerSpec learner, FeatureSchema schema, List<Target> targets, int batchCapacity, long seed) {
        return HedgedModel.over(
                TrainableModels.create(family(learner), schema, targets, batchCapacity, seed, runtime), targets);
    }

    @Override
    public ModelState migrate(
            LearnerSpec learner,
            ModelState old,
            FeatureSchema oldSchema,
            List<Target> oldTargets,
            FeatureSchema newSchema,
            List<Target> newTargets,
            long seed) {
        ModelState own = ModelStates.migrate(
                family(learner), HedgedModel.learnersOwn(old), oldSchema, oldTargets, newSchema, newTargets, seed);
        return HedgedModel.migrate(own, old, oldTargets, newTargets);
    }

    private FamilySettings family(LearnerSpec learner) {
        return Objects.requireNonNull(learners.get(learner), learner.name());
    }

    /** What an entry says, over the family's defaults. */
    static FamilySettings settings(LearnerEntry entry, boolean followDrift) {
        FamilySettings shipped = switch (entry.family()) {
            case LOGISTIC -> FamilySettings.Logistic.defaults();
            case MLP -> {
                FamilySettings.Mlp mlp = new FamilySettings.Mlp(List.of(64, 32), Activation.RELU, Training.adam(0.001));
                yield new FamilySettings.Mlp(or(entry.hidden(), mlp.hidden()), activation(entry), mlp.training());
            }
            case WIDE_AND_DEEP -> {
                FamilySettings.WideAndDeep wide = FamilySettings.WideAndDeep.defaults();
                yield new FamilySettings.WideAndDeep(
                        or(entry.hidden(), wide.hidden()),
                        activation(entry),
                        or(entry.embedding(), wide.embedding()),
                        wide.maxRows(),
                        wide.wideOptimiser(),
                        wide.training());
            }
            case GRU -> {
                FamilySettings.Gru gru = FamilySettings.Gru.defaults();
                yield new FamilySettings.Gru(
                        or(entry.units(), gru.units()),
                        or(entry.hidden(), gru.hidden()),
                        activation(entry),
                        gru.training());
            }
            case CNN -> {
                FamilySettings.Cnn cnn = FamilySettings.Cnn.defaults();
                yield new FamilySettings.Cnn(
                        or(entry.filters(), cnn.filters()),
                        or(entry.window(), cnn.window()),
                        or(entry.hidden(), cnn.hidden()),
                        activation(entry),
                        cnn.training());
            }
        };
        return shipped.with(training(entry, shipped.training(), followDrift));
    }

    private static Training training(LearnerEntry entry, Training shipped, boolean followDrift) {
        double constant = or(entry.learningRate(), shipped.learningRate().at(1));
        Double start = entry.startRate();
        if (start != null && start < constant) {
            throw new IllegalArgumentException("start-rate of learner " + entry.resolvedName()
                    + " must be at least its learning rate, " + constant + ", got " + start);
        }
        LearningRate rate = start == null
                ? new LearningRate.Constant(constant)
                : new LearningRate.InverseSquareRoot(start, constant);
        Optimiser rule = optimiser(entry, shipped.optimiser());
        return new Training(
                rule,
                rate,
                or(entry.l2(), shipped.l2()),
                or(entry.clipNorm(), shipped.clipNorm()),
                or(entry.positiveWeight(), shipped.positiveWeight()),
                shipped.normalisation(),
                or(entry.averageOver(), rule instanceof Optimiser.Adam ? LearnerEntry.AVERAGE_OVER : 0),
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

    private static <T> T or(@Nullable T given, T shipped) {
        return given == null ? shipped : given;
    }
}
