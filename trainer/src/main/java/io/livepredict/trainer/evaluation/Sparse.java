package io.livepredict.trainer.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/** Mostly empty arrays in few bytes: how many values are not zero, then position and value of each. */
final class Sparse {
    private Sparse() {}

    static void write(DataOutput out, double[] values) throws IOException {
        int filled = 0;
        for (double value : values) {
            if (value != 0) {
                filled++;
            }
        }
        out.writeInt(filled);
        for (int i = 0; i < values.length; i++) {
            if (values[i] != 0) {
                out.writeShort(i);
                out.writeDouble(values[i]);
            }
        }
    }

    /** @throws IOException if the bytes do not fit {@code into} */
    static void read(DataInput in, double[] into) throws IOException {
        Arrays.fill(into, 0);
        int filled = in.readInt();
        for (int i = 0; i < filled; i++) {
            int at = in.readUnsignedShort();
            if (at >= into.length) {
                throw new IOException("wanted a position below " + into.length + ", got " + at);
            }
            into[at] = in.readDouble();
        }
    }
}
