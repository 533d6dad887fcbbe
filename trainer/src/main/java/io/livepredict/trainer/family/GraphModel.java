package io.livepredict.trainer.family;

import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.OnnxContract;
import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.graph.CompiledGraph;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.GraphRuntime;
import io.livepredict.trainer.graph.HostTensor;
import io.livepredict.trainer.optimiser.Optimiser;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A model whose step is a compiled graph. What a step changes is kept twice: a step reads one side and writes the other,
 * and the next goes the other way, so nothing is copied. Each parameter is a view into one flat vector. Tables stay in
 * memory here; a step is given the rows its batch touches.
 */
final class GraphModel implements TrainableModel {
    private static final int FLUSH_EVERY = 64;
    /** Even after that many steps a moment that keeps only nine tenths each time stays above the least normal number, 1.2e-38. */
    private static final float NEGLIGIBLE = 1e-30f;

    private static final String AVERAGES = Names.slot(Optimiser.Averaged.AVERAGE, Names.PARAMETERS);

    private final Blueprint blueprint;
    private final int capacity;
    private final Training training;
    private final GraphRuntime runtime;
    private final CompiledGraph prediction;
    private @Nullable CompiledGraph stepGraph;

    /** Changed by a step, by name: [0] and [1] take turns. */
    private final Map<String, HostTensor[]> changing = new LinkedHashMap<>();

    private final Map<String, HostTensor> batchInputs = new LinkedHashMap<>();
    private final Map<String, HostTensor> scalars = new LinkedHashMap<>();
    private final List<TableMemory> tables = new ArrayList<>();
    private final @Nullable TouchedRows touched;
    private final @Nullable Pieces pieces;
    private final LabelMoments labels;
    private final HostTensor labelOffset;
    private final HostTensor labelMean;
    private final HostTensor labelDeviation;
    /** [1, capacity]. */
    private final HostTensor ones;

    private final HostTensor scores;
    private final HostTensor loss = HostTensor.allocate(ElementType.FLOAT);
    private final HostTensor averageLoss = HostTensor.allocate(ElementType.FLOAT);
    private final AverageWatch watch;
    private final Bindings bindings;
    private int side;
    private long steps;
    /** The step after which the average began. */
    private long averagedFrom;

    private List<ModelManifest.Usual> usual = List.of();
    private boolean closed;

    GraphModel(Blueprint blueprint, int capacity, long seed, GraphRuntime runtime) {
        this.blueprint = blueprint;
        this.capacity = capacity;
        this.runtime = runtime;
        training = blueprint.settings().training();
        watch = new AverageWatch(training.averageOver());
        bindings = new Bindings(capacity);
        int features = blueprint.schema().dense().size();
        int targets = blueprint.targets().size();
        int parameters = blueprint.network().parameters().stream()
                .mapToInt(Parameter::size)
                .sum();
        changing(Names.PARAMETERS, parameters);
        for (String slot : training.parameterRule().slots()) {
            changing(Names.slot(slot, Names.PARAMETERS), parameters);
        }
        changing(Names.MEAN, features);
        changing(Names.VARIANCE, features);
        changing(Names.WEIGHT, features);
        labels = new LabelMoments(blueprint.targets(), training.normalisation().memory());
        labelOffset = HostTensor.allocate(ElementType.FLOAT, targets);
        labelMean = HostTensor.allocate(ElementType.FLOAT, targets);
        labelDeviation = HostTensor.allocate(ElementType.FLOAT, targets);
        scalars(Names.PARAMETERS, training.parameterRule());

        batch(OnnxContract.DENSE, ElementType.FLOAT, features);
        batch(Names.LABELS, ElementType.FLOAT, targets);
        batch(Names.MASK, ElementType.FLOAT, targets);
        if (blueprint.settings().usesSequence()) {
            batch(
                    OnnxContract.SEQUENCE_TYPES,
                    ElementType.INT32,
                    blueprint.schema().sequenceLength());
            batch(
                    OnnxContract.SEQUENCE_GAPS,
                    ElementType.FLOAT,
                    blueprint.schema().sequenceLength());
        }
        if (blueprint.network().tables().isEmpty()) {
            touched = null;
        } else {
            int ids = blueprint.schema().ids().size();
            batch(Names.POSITIONS, ElementType.INT32, ids);
            touched = new TouchedRows(blueprint.network().tables().get(0).blocks(), capacity * ids);
            for (RowTable table : blueprint.network().tables()) {
                tables.add(new TableMemory(table, capacity * ids));
                scalars(Names.table(table.name()), table.optimiser());
            }
        }
        int pool = blueprint.network().pieces();
        pieces = pool == 0 ? null : new Pieces(pool, features, capacity);
        ones = HostTensor.allocate(ElementType.FLOAT, 1, capacity);
        for (int i = 0; i < capacity; i++) {
            ones.floats().put(i, 1f);
        }
        scores = HostTensor.allocate(ElementType.FLOAT, capacity, targets);
        prediction = runtime.compile(TrainingGraph.prediction(blueprint));
        restore(States.fresh(blueprint, seed));
    }

    private void changing(String name, int size) {
        changing.put(name, new HostTensor[] {
            HostTensor.allocate(ElementType.FLOAT, size), HostTensor.allocate(ElementType.FLOAT, size)
        });
    }

    private void scalars(String group, Optimiser optimiser) {
        for (int i = 0; i < optimiser.scalars(); i++) {
            scalars.put(Names.scalar(group, i), HostTensor.allocate(ElementType.FLOAT));
        }
    }

    private void batch(String name, ElementType element, int width) {
        batchInputs.put(name, HostTensor.allocate(element, capacity, width));
    }

    @Override
    public String family() {
        return blueprint.settings().id();
    }

    @Override
    public double step(ExampleBatch batch, double learningRateScale, float[] into) {
        run(batch, learningRateScale);
        labels.take(batch);
        relateToLabels();
        if (pieces != null) {
            pieces.take(batch.size);
        }
        scores.floats().get(0, into, 0, batch.size * blueprint.targets().size());
        if (training.averageRestarts()
                && watch.add(averageLoss.floats().get(0), loss.floats().get(0))) {
            averagedFrom = steps;
        }
        return loss.floats().get(0);
    }

    @Override
    public void rehearse(ExampleBatch batch, double learningRateScale) {
        run(batch, learningRateScale);
        // The other side is now the one before.
        for (String name : States.MOMENTS) {
            HostTensor[] sides = Objects.requireNonNull(changing.get(name), name);
            sides[side].floats().put(0, sides[1 - side].floats(), 0, sides[side].size());
        }
    }

    /** Runs the step's graph: what it changes is then on the other side, which becomes the present one. */
    private void run(ExampleBatch batch, double learningRateScale) {
        fill(batch);
        int cells = batch.size * blueprint.targets().size();
        floats(Names.LABELS).put(0, batch.labels, 0, cells);
        floats(Names.MASK).put(0, batch.mask, 0, cells);
        steps++;
        double rate = training.learningRate().at(steps) * learningRateScale;
        Optimiser rule = training.parameterRule();
        set(
                Names.PARAMETERS,
                rule instanceof Optimiser.Averaged averaged
                        ? averaged.scalars(rate, steps, steps - averagedFrom)
                        : rule.scalars(rate, steps));
        for (TableMemory table : tables) {
            set(Names.table(table.table.name()), table.table.optimiser().scalars(rate, steps));
        }
        bindings.step(batch.size, side, this::bindStep).run();
        side = 1 - side;
        if (steps % FLUSH_EVERY == 0) {
            changing.keySet().forEach(name -> flush(current(name).floats()));
        }
        if (touched != null) {
            for (TableMemory table : tables) {
                table.putBack(touched);
            }
        }
    }

    /**
     * A moment that gets no gradient decays to a denormal number and stays one, and many processors are far slower with
     * those. ONNX Runtime's own switch works for the thread of a process's first session only, so that the bytes would
     * depend on which thread that was.
     */
    private static void flush(FloatBuffer values) {
        for (int i = 0; i < values.capacity(); i++) {
            float value = values.get(i);
            if (value != 0 && Math.abs(value) < NEGLIGIBLE) {
                values.put(i, 0);
            }
        }
    }

    @Override
    public void predict(ExampleBatch batch, float[] into) {
        fill(batch);
        bindings.predict(batch.size, side, this::bindPrediction).run();
        scores.floats().get(0, into, 0, batch.size * blueprint.targets().size());
    }

    /** Tells the graphs what the labels' moments are now. */
    private void relateToLabels() {
        for (int t = 0; t < labels.mean.length; t++) {
            labelOffset.floats().put(t, LabelMoments.offset(blueprint.targets().get(t), labels.mean[t]));
            labelMean.floats().put(t, labels.mean[t]);
            labelDeviation.floats().put(t, LabelMoments.deviation(labels.variance[t]));
        }
    }

    private void fill(ExampleBatch batch) {
        if (closed) {
            throw new IllegalStateException("this learner is closed");
        }
        if (batch.size < 1 || batch.size > capacity) {
            throw new IllegalArgumentException("a batch must have 1 to " + capacity + " rows, got " + batch.size);
        }
        int features = blueprint.schema().dense().size();
        int length = blueprint.schema().sequenceLength();
        int ids = blueprint.schema().ids().size();
        int targets = blueprint.targets().size();
        if (batch.denseWidth != features
                || batch.sequenceLength != length
                || batch.idWidth != ids
                || batch.targets != targets) {
            throw new IllegalArgumentException("this learner wants " + features + " dense features, a sequence of "
                    + length + ", " + ids + " ids and " + targets + " targets; the batch has " + batch.denseWidth
                    + ", " + batch.sequenceLength + ", " + batch.idWidth + " and " + batch.targets);
        }
        floats(OnnxContract.DENSE).put(0, batch.dense, 0, batch.size * features);
        if (blueprint.settings().usesSequence()) {
            input(OnnxContract.SEQUENCE_TYPES).ints().put(0, batch.sequenceTypes, 0, batch.size * length);
            floats(OnnxContract.SEQUENCE_GAPS).put(0, batch.sequenceGaps, 0, batch.size * length);
        }
        if (touched != null) {
            touched.find(batch.ids, batch.size, input(Names.POSITIONS).ints());
            for (TableMemory table : tables) {
                table.pick(touched);
            }
        }
    }

    private HostTensor input(String name) {
        return Objects.requireNonNull(batchInputs.get(name), name);
    }

    private FloatBuffer floats(String name) {
        return input(name).floats();
    }

    private void set(String group, float[] values) {
        for (int i = 0; i < values.length; i++) {
            Objects.requireNonNull(scalars.get(Names.scalar(group, i))).floats().put(0, values[i]);
        }
    }

    private CompiledGraph.Call bindStep(int rows) {
        CompiledGraph compiled = stepGraph;
        if (compiled == null) {
            compiled = runtime.compile(TrainingGraph.step(blueprint));
            stepGraph = compiled;
        }
        Map<String, HostTensor> in = commonInputs(rows);
        views(in, Names.PARAMETERS, Names::parameter);
        if (training.averages()) {
            views(in, AVERAGES, Names::average);
        }
        in.put(Names.LABELS, rows(input(Names.LABELS), rows));
        in.put(Names.MASK, rows(input(Names.MASK), rows));
        in.put(Names.ONES, ones.view(0, 1, rows));
        in.putAll(scalars);
        Map<String, HostTensor> out = new HashMap<>();
        changing.forEach((name, sides) -> {
            in.put(name, sides[side]);
            out.put(name + Names.AFTER, sides[1 - side]);
        });
        for (TableMemory table : tables) {
            table.bind(in, out, rows * blueprint.schema().ids().size());
        }
        if (pieces != null) {
            pieces.bindScaled(out, rows);
        }
        out.put(OnnxContract.SCORES, rows(scores, rows));
        out.put(Names.LOSS, loss);
        if (training.averages()) {
            out.put(Names.AVERAGE_LOSS, averageLoss);
        }
        return compiled.bind(in, out);
    }

    private CompiledGraph.Call bindPrediction(int rows) {
        Map<String, HostTensor> in = commonInputs(rows);
        views(in, training.averages() ? AVERAGES : Names.PARAMETERS, Names::parameter);
        for (String name : List.of(Names.MEAN, Names.VARIANCE, Names.WEIGHT)) {
            in.put(name, current(name));
        }
        for (TableMemory table : tables) {
            table.bind(in, rows * blueprint.schema().ids().size());
        }
        return prediction.bind(in, Map.of(OnnxContract.SCORES, rows(scores, rows)));
    }

    /** What both graphs read of the batch and of the labels. */
    private Map<String, HostTensor> commonInputs(int rows) {
        Map<String, HostTensor> in = new HashMap<>();
        batchInputs.forEach((name, tensor) -> {
            if (!name.equals(Names.LABELS) && !name.equals(Names.MASK)) {
                in.put(name, rows(tensor, rows));
            }
        });
        if (pieces != null) {
            pieces.bind(in);
        }
        in.put(Names.LABEL_OFFSET, labelOffset);
        if (blueprint.hasSums()) {
            in.put(Names.LABEL_MEAN, labelMean);
            in.put(Names.LABEL_DEVIATION, labelDeviation);
        }
        return in;
    }

    /** Each parameter as a view into a flat vector. */
    private void views(Map<String, HostTensor> in, String flat, UnaryOperator<String> nameOf) {
        int next = 0;
        for (Parameter p : blueprint.network().parameters()) {
            in.put(nameOf.apply(p.name()), current(flat).view(next, p.shape()));
            next += p.size();
        }
    }

    private static HostTensor rows(HostTensor tensor, int rows) {
        return tensor.view(0, rows, tensor.shape()[1]);
    }

    private HostTensor current(String name) {
        return Objects.requireNonNull(changing.get(name), name)[side];
    }

    @Override
    public byte[] export() {
        return export(null);
    }

    /** As {@link #export()}, with hedged scores. */
    byte[] export(ExportedGraph.@Nullable Hedge hedge) {
        ModelState predicting = training.averages() ? States.averaged(blueprint, state()) : state();
        usual = UsualInputs.of(blueprint, predicting);
        return ExportedGraph.of(blueprint, predicting, hedge);
    }

    @Override
    public List<ModelManifest.Usual> usual() {
        return usual;
    }

    @Override
    public ModelState state() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        States.split(blueprint, current(Names.PARAMETERS).floats(), Names::parameter, tensors);
        for (String slot : training.parameterRule().slots()) {
            States.split(
                    blueprint,
                    current(Names.slot(slot, Names.PARAMETERS)).floats(),
                    name -> Names.slot(slot, Names.parameter(name)),
                    tensors);
        }
        for (String name : States.MOMENTS) {
            tensors.put(name, tensor(current(name)));
        }
        long[] perTarget = {labels.mean.length};
        tensors.put(Names.LABEL_MEAN, new Tensor(perTarget, labels.mean.clone()));
        tensors.put(Names.LABEL_VARIANCE, new Tensor(perTarget, labels.variance.clone()));
        tensors.put(Names.LABEL_WEIGHT, new Tensor(perTarget, labels.weight.clone()));
        for (TableMemory table : tables) {
            table.save(tensors);
        }
        if (pieces != null) {
            pieces.save(tensors);
        }
        tensors.put(Names.STEPS, States.count(steps));
        tensors.put(Names.AVERAGED_FROM, States.count(averagedFrom));
        tensors.put(Names.AVERAGE_GAIN, new Tensor(new long[] {watch.seen.length}, watch.seen.clone()));
        return new ModelState(tensors);
    }

    private static Tensor tensor(HostTensor from) {
        float[] values = new float[from.size()];
        from.floats().get(values);
        return new Tensor(from.shape(), values);
    }

    @Override
    public void restore(ModelState state) {
        States.requireSameLayout(blueprint, state);
        States.join(
                blueprint, state, Names::parameter, current(Names.PARAMETERS).floats());
        for (String slot : training.parameterRule().slots()) {
            States.join(
                    blueprint,
                    state,
                    name -> Names.slot(slot, Names.parameter(name)),
                    current(Names.slot(slot, Names.PARAMETERS)).floats());
        }
        for (String name : States.MOMENTS) {
            current(name).floats().put(States.values(state, name));
        }
        copy(state, Names.LABEL_MEAN, labels.mean);
        copy(state, Names.LABEL_VARIANCE, labels.variance);
        copy(state, Names.LABEL_WEIGHT, labels.weight);
        relateToLabels();
        for (TableMemory table : tables) {
            table.load(state);
        }
        if (pieces != null) {
            pieces.load(state);
        }
        steps = States.counted(state, Names.STEPS);
        averagedFrom = States.counted(state, Names.AVERAGED_FROM);
        copy(state, Names.AVERAGE_GAIN, watch.seen);
    }

    private static void copy(ModelState state, String name, float[] into) {
        System.arraycopy(States.values(state, name), 0, into, 0, into.length);
    }

    @Override
    public boolean isFinite() {
        for (Map.Entry<String, HostTensor[]> entry : changing.entrySet()) {
            FloatBuffer values = entry.getValue()[side].floats();
            for (int i = 0; i < values.capacity(); i++) {
                if (!Float.isFinite(values.get(i))) {
                    return false;
                }
            }
        }
        for (int t = 0; t < labels.mean.length; t++) {
            if (!Float.isFinite(labels.mean[t]) || !Float.isFinite(labels.variance[t])) {
                return false;
            }
        }
        return tables.stream().allMatch(TableMemory::isFinite);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        bindings.close();
        prediction.close();
        if (stepGraph != null) {
            stepGraph.close();
        }
    }
}
