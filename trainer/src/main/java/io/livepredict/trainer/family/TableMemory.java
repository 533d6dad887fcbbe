package io.livepredict.trainer.family;

import io.livepredict.trainer.family.ModelState.Tensor;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.HostTensor;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A table with its optimiser slots, and the picked rows that a step reads and writes. One user at a time. */
final class TableMemory {
    final RowTable table;
    private final List<Part> parts = new ArrayList<>();

    /** The values, or one slot. */
    @SuppressWarnings("ArrayRecordComponent") // memory, never compared
    private record Part(String name, float[] all, HostTensor before, HostTensor after) {}

    TableMemory(RowTable table, int mostRows) {
        this.table = table;
        part(Names.table(table.name()), mostRows);
        for (String slot : table.optimiser().slots()) {
            part(Names.slot(slot, Names.table(table.name())), mostRows);
        }
    }

    private void part(String name, int mostRows) {
        parts.add(new Part(
                name,
                new float[table.rows() * table.width()],
                HostTensor.allocate(ElementType.FLOAT, mostRows, table.width()),
                HostTensor.allocate(ElementType.FLOAT, mostRows, table.width())));
    }

    /** Copies the touched rows to where the step reads. */
    void pick(TouchedRows touched) {
        int width = table.width();
        for (Part part : parts) {
            FloatBuffer before = part.before.floats();
            for (int i = 0; i < touched.count; i++) {
                before.put(i * width, part.all, touched.rows[i] * width, width);
            }
        }
    }

    /** Copies what the step wrote back into the table. */
    void putBack(TouchedRows touched) {
        int width = table.width();
        for (Part part : parts) {
            FloatBuffer after = part.after.floats();
            for (int i = 0; i < touched.count; i++) {
                after.get(i * width, part.all, touched.rows[i] * width, width);
            }
        }
    }

    void bind(Map<String, HostTensor> in, Map<String, HostTensor> out, int rows) {
        for (Part part : parts) {
            in.put(part.name, part.before.view(0, rows, table.width()));
            out.put(part.name + Names.AFTER, part.after.view(0, rows, table.width()));
        }
    }

    /** Binds the values only. */
    void bind(Map<String, HostTensor> in, int rows) {
        in.put(parts.get(0).name, parts.get(0).before.view(0, rows, table.width()));
    }

    void save(Map<String, Tensor> tensors) {
        for (Part part : parts) {
            tensors.put(part.name, new Tensor(new long[] {table.rows(), table.width()}, part.all.clone()));
        }
    }

    void load(ModelState state) {
        for (Part part : parts) {
            System.arraycopy(States.values(state, part.name), 0, part.all, 0, part.all.length);
        }
    }

    boolean isFinite() {
        for (Part part : parts) {
            for (float value : part.all) {
                if (!Float.isFinite(value)) {
                    return false;
                }
            }
        }
        return true;
    }
}
