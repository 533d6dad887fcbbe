package io.livepredict.streams.activity;

/**
 * ln(1 + seconds), which every vector has some thirty of: by table, after Tang (1990), Table-driven implementation of the
 * logarithm function in IEEE floating-point arithmetic. With x = 2^e m, 1 <= m < 2, and c the midpoint of the
 * 1/256-wide interval that contains m, ln x = e ln 2 + ln c + ln(1 + r), r = m/c - 1, |r| < 2^-9; the series' fourth
 * term is below 10^-11, what a float can tell 6 · 10^-8.
 */
final class LogSeconds {
    private static final double LN2 = Math.log(2);
    private static final int INDEX_BITS = 8;
    private static final int MANTISSA_BITS = 52;
    private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;
    private static final long ONE = Double.doubleToRawLongBits(1);

    private static final double[] INVERSE = new double[1 << INDEX_BITS];
    private static final double[] LOG = new double[1 << INDEX_BITS];

    static {
        for (int i = 0; i < LOG.length; i++) {
            double middle = 1 + (i + 0.5) / LOG.length;
            INVERSE[i] = 1 / middle;
            LOG[i] = Math.log(middle);
        }
    }

    private LogSeconds() {}

    /** ln(1 + millis / 1000) of a duration that is not negative. */
    static float of(long millis) {
        if (millis == 0) {
            return 0;
        }
        long bits = Double.doubleToRawLongBits(1 + millis * 0.001);
        int exponent = (int) (bits >>> MANTISSA_BITS) - 1023;
        int index = (int) (bits >>> MANTISSA_BITS - INDEX_BITS) & LOG.length - 1;
        double r = Double.longBitsToDouble(bits & MANTISSA | ONE) * INVERSE[index] - 1;
        return (float) (exponent * LN2 + (LOG[index] + r * (1 - r * (1 / 2.0 - r * (1 / 3.0)))));
    }
}
