package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.optimiser.Optimiser;
import java.util.ArrayList;
import java.util.BitSet;
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
        int[] features = cells(List.of(Axis.dense(after.schema())), List.of(Axis.dense(before.schema())));
        Map<String, Tensor> tensors = new LinkedHashMap<>(fresh.tensors());
        Optimiser optimiser = settings.training().parameterRule();
        for (int i = 0; i < to.network().parameters().size(); i++) {
            Parameter now = to.network().parameters().get(i);
            Parameter was = from.network().parameters().get(i);
            List<Axis> axes = now.name().equals(Pieces.WEIGHT)
                    ? List.of(
                            pieceAxis(was.axes().get(0), pieces(tensors, old, features)),
                            now.axes().get(1))
                    : now.axes();
            migrateWithSlots(tensors, old, fresh, Names.parameter(now.name()), optimiser, cells(axes, was.axes()));
        }
        for (int i = 0; i < to.network().tables().size(); i++) {
            RowTable now = to.network().tables().get(i);
            RowTable was = from.network().tables().get(i);
            migrateWithSlots(tensors, old, fresh, Names.table(now.name()), now.optimiser(), cells(now, was));
        }
        for (String name : List.of(Names.MEAN, Names.VARIANCE, Names.WEIGHT)) {
            keep(tensors, old, fresh, name, features);
        }
        if (to.network().pieces() > 0) {
            for (String name : List.of(Distributions.SEEN, Distributions.BINNED)) {
                keep(tensors, old, fresh, name, rows(features, States.values(fresh, name).length / features.length));
            }
            tensors.put(Pieces.TAKEN, new Tensor(shape(fresh, Pieces.TAKEN), States.values(old, Pieces.TAKEN)));
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

    /**
     * Carries over what the pieces of a pool are; those of features that are gone are placed no longer.
     *
     * @param features for each feature which one it was
     * @return which pieces were placed and are no longer
     */
    private static BitSet pieces(Map<String, Tensor> tensors, ModelState old, int[] features) {
        float[] of = States.values(old, Pieces.FEATURE);
        BitSet gone = new BitSet();
        for (String name : Pieces.OF_PIECES) {
            float[] values = States.values(old, name).clone();
            for (int p = 0; p < values.length; p++) {
                int now = indexOf(features, (int) of[p]);
                boolean placed = States.values(old, Pieces.SCALE)[p] > 0;
                gone.set(p, placed && now < 0);
                values[p] = !placed || now < 0 ? 0 : name.equals(Pieces.FEATURE) ? now : values[p];
            }
            tensors.put(name, new Tensor(new long[] {values.length}, values));
        }
        return gone;
    }

    /** Where a piece is no longer placed, its line is another one, so that its weights are zero. */
    private static Axis pieceAxis(Axis before, BitSet gone) {
        List<String> lines = new ArrayList<>(before.lines());
        gone.stream().forEach(p -> lines.set(p, lines.get(p) + " free"));
        return new Axis(lines, before.fresh());
    }

    private static int indexOf(int[] values, int wanted) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    /** The cells of rows so wide. */
    private static int[] rows(int[] rows, int width) {
        int[] cells = new int[rows.length * width];
        for (int i = 0; i < cells.length; i++) {
            int row = rows[i / width];
            cells[i] = row < 0 ? row : row * width + i % width;
        }
        return cells;
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
