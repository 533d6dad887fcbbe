package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.optimiser.Optimiser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Carries what was learned over to another set of features or targets. */
public final class ModelStates {
    private ModelStates() {}

    /**
     * The state of the same family for another schema or other targets. What belongs to a feature, event type, id or target
     * that is still there, by name and definition, is kept; new inputs start at zero, so that no score jumps; new heads start
     * at the target's prior. What is gone is dropped, so the scores then change by what it had contributed.
     *
     * @param settings of both
     * @param old saved with the layout {@code before}
     * @param seed decides the initial values of what is new
     * @throws IllegalArgumentException if the state is not of that family, schema and targets
     */
    public static ModelState migrate(
            FamilySettings settings, ModelState old, BatchLayout before, BatchLayout after, long seed) {
        Blueprint from = Blueprint.of(settings, before.schema(), before.targets());
        Blueprint to = Blueprint.of(settings, after.schema(), after.targets());
        States.requireSameLayout(from, old);
        ModelState fresh = States.fresh(to, seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>(fresh.tensors());
        Optimiser optimiser = settings.training().parameterRule();
        for (int i = 0; i < to.network().parameters().size(); i++) {
            Parameter now = to.network().parameters().get(i);
            Parameter was = from.network().parameters().get(i);
            migrateWithSlots(
                    tensors, old, fresh, Names.parameter(now.name()), optimiser, cells(now.axes(), was.axes()));
        }
        for (int i = 0; i < to.network().tables().size(); i++) {
            RowTable now = to.network().tables().get(i);
            RowTable was = from.network().tables().get(i);
            migrateWithSlots(tensors, old, fresh, Names.table(now.name()), now.optimiser(), cells(now, was));
        }
        int[] features = cells(List.of(Axis.dense(after.schema())), List.of(Axis.dense(before.schema())));
        for (String name : List.of(Names.MEAN, Names.VARIANCE, Names.WEIGHT)) {
            keep(tensors, old, fresh, name, features);
        }
        int[] labels = cells(List.of(Axis.targets(after.targets())), List.of(Axis.targets(before.targets())));
        for (String name : List.of(Names.LABEL_MEAN, Names.LABEL_VARIANCE, Names.LABEL_WEIGHT)) {
            keep(tensors, old, fresh, name, labels);
        }
        for (String name : List.of(Names.STEPS, Names.AVERAGED_FROM, Names.AVERAGE_GAIN)) {
            tensors.put(name, new Tensor(shape(fresh, name), States.values(old, name)));
        }
        return new ModelState(tensors);
    }

    /** A cell without a past takes its fresh value. */
    private static final int FRESH = -1;

    /** A cell without a past is zero. */
    private static final int ZERO = -2;

    private static void migrateWithSlots(
            Map<String, Tensor> tensors,
            ModelState old,
            ModelState fresh,
            String name,
            Optimiser optimiser,
            int[] cells) {
        float[] values = keep(tensors, old, fresh, name, cells);
        for (int i = 0; i < optimiser.slots().size(); i++) {
            String slotName = Names.slot(optimiser.slots().get(i), name);
            float[] before = States.values(old, slotName);
            // A slot may start from the value it belongs to (FTRL), which here may be zero rather than fresh.
            float[] slot = optimiser.initialSlot(i, values);
            for (int j = 0; j < slot.length; j++) {
                if (cells[j] >= 0) {
                    slot[j] = before[cells[j]];
                }
            }
            tensors.put(slotName, new Tensor(shape(fresh, slotName), slot));
        }
    }

    private static float[] keep(
            Map<String, Tensor> tensors, ModelState old, ModelState fresh, String name, int[] cells) {
        float[] before = States.values(old, name);
        float[] values = States.values(fresh, name).clone();
        for (int i = 0; i < values.length; i++) {
            if (cells[i] >= 0) {
                values[i] = before[cells[i]];
            } else if (cells[i] == ZERO) {
                values[i] = 0f;
            }
        }
        tensors.put(name, new Tensor(shape(fresh, name), values));
        return values;
    }

    private static long[] shape(ModelState state, String name) {
        return Objects.requireNonNull(state.tensors().get(name), name).shape();
    }

    /** For each cell of a tensor with the new axes, row-major, which cell it was with the old ones. */
    private static int[] cells(List<Axis> now, List<Axis> before) {
        int[] cells = {0};
        for (int a = 0; a < now.size(); a++) {
            int[] lines = now.get(a).positionsIn(before.get(a));
            int missing = now.get(a).fresh() ? FRESH : ZERO;
            int[] finer = new int[cells.length * lines.length];
            for (int i = 0; i < cells.length; i++) {
                for (int j = 0; j < lines.length; j++) {
                    int line = lines[j] < 0 ? missing : lines[j];
                    finer[i * lines.length + j] = cells[i] < 0 || line < 0
                            ? Math.min(cells[i], Math.min(line, FRESH))
                            : cells[i] * before.get(a).size() + line;
                }
            }
            cells = finer;
        }
        return cells;
    }

    private static int[] cells(RowTable now, RowTable before) {
        int width = now.width();
        int[] columns = now.columns().positionsIn(before.columns());
        int[] cells = new int[now.rows() * width];
        int row = 0;
        for (RowTable.Block block : now.blocks()) {
            int old = before.firstRow(block);
            for (int i = 0; i < block.rows(); i++) {
                for (int j = 0; j < width; j++) {
                    cells[row * width + j] =
                            old < 0 || columns[j] < 0 ? FRESH : (old + i) * before.width() + columns[j];
                }
                row++;
            }
        }
        return cells;
    }
}
