package io.livepredict.trainer.graph;

/**
 * One dimension: a number, or a multiple of a symbol that is known only when the graph runs (the batch size N).
 *
 * @param factor the size, or how many times the symbol
 * @param symbol empty for a fixed size
 */
public record Dim(long factor, String symbol) {
    public Dim {
        if (factor < 0 || (factor == 0 && !symbol.isEmpty())) {
            throw new GraphException("a dimension must not be negative, got " + factor + symbol);
        }
    }

    /** A fixed size. */
    public static Dim of(long size) {
        return new Dim(size, "");
    }

    /** A size that is known when the graph runs. */
    public static Dim symbol(String name) {
        return new Dim(1, name);
    }

    public boolean isFixed() {
        return symbol.isEmpty();
    }

    /** Whether it is the fixed size 1, which broadcasts. */
    public boolean isOne() {
        return factor == 1 && symbol.isEmpty();
    }

    /** This many times as large. */
    public Dim times(long n) {
        return new Dim(factor * n, symbol);
    }

    /** The size where the symbol has the value. */
    public long at(long symbolValue) {
        return isFixed() ? factor : factor * symbolValue;
    }

    @Override
    public String toString() {
        return isFixed() ? Long.toString(factor) : factor == 1 ? symbol : factor + symbol;
    }
}
