package io.livepredict.trainer.family;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** Fresh values of a parameter. Each parameter draws from a generator of its own, so adding one changes no other. */
interface Initialiser {
    void fill(float[] values, SplittableRandom random);

    /** All zero. */
    static Initialiser zero() {
        return (values, random) -> {};
    }

    /** Uniform in [-bound, bound). */
    static Initialiser uniform(double bound) {
        return (values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
            }
        };
    }

    /** Fresh values for the parameter of that name. */
    default float[] fresh(String name, int size, long seed) {
        CRC32 hash = new CRC32();
        hash.update(name.getBytes(StandardCharsets.UTF_8));
        float[] values = new float[size];
        fill(values, new SplittableRandom(seed * 0x9E3779B97F4A7C15L + hash.getValue()));
        return values;
    }
}
