package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.trainer.optimiser.Optimiser;
import java.util.List;

/**
 * A table of which a batch touches a few rows: one row per hashed id. The training step sees only those rows; the
 * table itself stays with the caller, so a step costs what it touches, whatever the optimiser.
 *
 * @param name stable, unique in its network
 * @param blocks the rows of each id feature, in schema order
 * @param columns what the columns belong to
 * @param initialiser fresh values
 * @param optimiser how its rows are updated
 */
record RowTable(String name, List<Block> blocks, Axis columns, Initialiser initialiser, Optimiser optimiser) {
    /** The rows of one id feature. */
    record Block(String line, int rows) {}

    RowTable {
        blocks = List.copyOf(blocks);
    }

    int rows() {
        return blocks.stream().mapToInt(Block::rows).sum();
    }

    int width() {
        return columns.size();
    }

    /** The blocks of a schema's ids, with at most so many rows each: an id shares its row with those equal modulo rows. */
    static List<Block> blocks(FeatureSchema schema, int maxRows) {
        return schema.ids().stream().map(f -> block(f, maxRows)).toList();
    }

    private static Block block(IdFeature f, int maxRows) {
        return new Block(f.name() + ' ' + f.buckets() + ' ' + f.definition(), Math.min(f.buckets(), maxRows));
    }

    /** Where an equal block begins; -1 where there is none. */
    int firstRow(Block wanted) {
        int row = 0;
        for (Block block : blocks) {
            if (block.equals(wanted)) {
                return row;
            }
            row += block.rows();
        }
        return -1;
    }

    /** Fresh values of one block. */
    float[] fresh(Block block, long seed) {
        return initialiser.fresh(name + '/' + block.line(), block.rows() * width(), seed);
    }
}
