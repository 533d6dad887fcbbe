package io.livepredict.streams.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.model.ModelVerifier;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.score.PriorModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.topology.KindPlan;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/** What each kind is scored with, and the intake through which that changes. Every kind begins with its prior. */
public final class ServedModels implements AutoCloseable {
    private final Map<Kind, ActiveModel> active = new EnumMap<>(Kind.class);
    private final Map<Kind, Activation> activations = new EnumMap<>(Kind.class);
    private final ModelIntake intake;

    /**
     * @param runtime where models run
     * @param verifier whose models are served
     * @param metrics shows the active models and counts what becomes of those that come
     * @param wallClockMillis tells how old a model is
     */
    public ServedModels(
            List<KindPlan> kinds,
            OnnxRuntime runtime,
            ModelVerifier verifier,
            AppMetrics metrics,
            LongSupplier wallClockMillis) {
        for (KindPlan plan : kinds) {
            Kind kind = plan.kind();
            ActiveModel model = new ActiveModel(new PriorModel(kind.id(), plan.targets()), wallClockMillis.getAsLong());
            Activation activation = new Activation(runtime, plan.schema(), plan.targets(), model);
            active.put(kind, model);
            activations.put(kind, activation);
            metrics.watch(kind, plan.targets(), activation, wallClockMillis);
        }
        intake = new ModelIntake(
                verifier,
                activations.entrySet().stream()
                        .collect(Collectors.toMap(entry -> entry.getKey().id(), Map.Entry::getValue)),
                metrics.models(),
                () -> Instant.ofEpochMilli(wallClockMillis.getAsLong()));
    }

    /** Takes in what the models topic holds. */
    public ModelIntake intake() {
        return intake;
    }

    /** What a kind is scored with. */
    public ActiveModel active(Kind kind) {
        return of(active, kind);
    }

    /** How a kind's model becomes the active one. */
    public Activation activation(Kind kind) {
        return of(activations, kind);
    }

    /** All of them, by kind. */
    public Map<Kind, Activation> activations() {
        return Collections.unmodifiableMap(activations);
    }

    private static <T> T of(Map<Kind, T> all, Kind kind) {
        T one = all.get(kind);
        if (one == null) {
            throw new IllegalStateException("no target is for " + kind);
        }
        return one;
    }

    /** Closes the models. Call it when nothing scores any longer. */
    @Override
    public void close() {
        active.values().forEach(ActiveModel::close);
    }
}
