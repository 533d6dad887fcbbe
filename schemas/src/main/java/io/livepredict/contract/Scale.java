package io.livepredict.contract;

/** What a dense feature measures, and so what the model does to the raw value before normalising it. */
public enum Scale {
    /** A non-negative count: ln(1 + x). */
    COUNT,
    /** A non-negative duration in seconds: ln(1 + x). */
    SECONDS,
    /** An amount of either sign: sign(x) · ln(1 + |x|). */
    AMOUNT,
    /** Taken as it is: shares, sines, cosines, flags. */
    PLAIN
}
