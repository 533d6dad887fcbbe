package io.livepredict.trainer.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The dimensions of a tensor, outermost first.
 *
 * @param dims none for a scalar
 */
public record Shape(List<Dim> dims) {
    /** A single number. */
    public static final Shape SCALAR = new Shape(List.of());

    public Shape {
        dims = List.copyOf(dims);
    }

    /** All sizes fixed. */
    public static Shape of(long... sizes) {
        List<Dim> dims = new ArrayList<>();
        for (long size : sizes) {
            dims.add(Dim.of(size));
        }
        return new Shape(dims);
    }

    /** Dims, or fixed sizes as Integer or Long, in any mixture. */
    public static Shape mixed(Object... sizes) {
        List<Dim> dims = new ArrayList<>();
        for (Object size : sizes) {
            dims.add(size instanceof Dim d ? d : Dim.of(((Number) size).longValue()));
        }
        return new Shape(dims);
    }

    public int rank() {
        return dims.size();
    }

    public Dim dim(int axis) {
        return dims.get(axis);
    }

    /** The fixed size of that axis. */
    public int size(int axis) {
        if (!dim(axis).isFixed()) {
            throw new GraphException("axis " + axis + " of " + this + " has no fixed size");
        }
        return Math.toIntExact(dim(axis).factor());
    }

    public boolean isFixed() {
        return dims.stream().allMatch(Dim::isFixed);
    }

    /** How many elements: a fixed number, or a multiple of the one symbol. */
    public Dim elements() {
        long factor = 1;
        String symbol = "";
        for (Dim dim : dims) {
            factor *= dim.factor();
            if (!dim.isFixed()) {
                if (!symbol.isEmpty()) {
                    throw new GraphException(this + " has more than one dimension without a fixed size");
                }
                symbol = dim.symbol();
            }
        }
        return new Dim(factor, factor == 0 ? "" : symbol);
    }

    /** The sizes where the symbol has the value. */
    public long[] at(long symbolValue) {
        return dims.stream().mapToLong(d -> d.at(symbolValue)).toArray();
    }

    /** This shape with another size at that axis. */
    public Shape with(int axis, Dim dim) {
        List<Dim> changed = new ArrayList<>(dims);
        changed.set(axis, dim);
        return new Shape(changed);
    }

    /** This shape without that axis. */
    public Shape without(int axis) {
        List<Dim> changed = new ArrayList<>(dims);
        changed.remove(axis);
        return new Shape(changed);
    }

    @Override
    public String toString() {
        return dims.stream().map(Dim::toString).collect(Collectors.joining(", ", "[", "]"));
    }
}
