package io.livepredict.trainer.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What each operator gives for what it is given, or an error that names the node and the shapes. */
final class ShapeRules {
    private final String name;
    private final Op op;
    private final List<Value> in;

    private ShapeRules(String name, Op op, List<Value> in) {
        this.name = name;
        this.op = op;
        this.in = in;
    }

    static List<TensorType> infer(String name, Op op, List<Value> inputs) {
        return new ShapeRules(name, op, inputs).infer();
    }

    private List<TensorType> infer() {
        return switch (op) {
            case Op.Binary o -> {
                arity(2, 2);
                same("operands differ in element type");
                yield one(type(0), broadcast(shape(0), shape(1)));
            }
            case Op.Comparison o -> {
                arity(2, 2);
                same("operands differ in element type");
                yield one(ElementType.BOOL, broadcast(shape(0), shape(1)));
            }
            case Op.Not o -> {
                arity(1, 1);
                wants(0, ElementType.BOOL);
                yield one(ElementType.BOOL, shape(0));
            }
            case Op.And o -> {
                arity(2, 2);
                wants(0, ElementType.BOOL);
                wants(1, ElementType.BOOL);
                yield one(ElementType.BOOL, broadcast(shape(0), shape(1)));
            }
            case Op.Where o -> {
                arity(3, 3);
                wants(0, ElementType.BOOL);
                check(type(1) == type(2), "the two branches differ in element type");
                yield one(type(1), broadcast(shape(0), broadcast(shape(1), shape(2))));
            }
            case Op.Softmax o -> along(o.axis());
            case Op.LogSoftmax o -> along(o.axis());
            case Op.Unary o -> {
                arity(1, 1);
                if (!(o instanceof Op.Identity)) {
                    wants(0, ElementType.FLOAT);
                }
                yield one(type(0), shape(0));
            }
            case Op.Reduction o -> reduce(o);
            case Op.Reshape o -> {
                arity(1, 1);
                check(
                        shape(0).elements().equals(o.shape().elements()),
                        "can't be reshaped to " + o.shape() + ": " + shape(0).elements() + " elements against "
                                + o.shape().elements());
                yield one(type(0), o.shape());
            }
            case Op.Squeeze o -> squeeze(o);
            case Op.Unsqueeze o -> unsqueeze(o);
            case Op.Transpose o -> {
                arity(1, 1);
                check(
                        Set.copyOf(o.permutation()).equals(Set.copyOf(Graph.allAxes(in.get(0))))
                                && o.permutation().size() == shape(0).rank(),
                        "axes " + o.permutation() + " are not a permutation");
                yield one(
                        type(0),
                        new Shape(o.permutation().stream().map(shape(0)::dim).toList()));
            }
            case Op.Concat o -> concat(o);
            case Op.Split o -> {
                arity(1, 1);
                axis(o.axis());
                check(
                        shape(0).dim(o.axis()).isFixed()
                                && o.sizes().stream()
                                                .mapToInt(Integer::intValue)
                                                .sum()
                                        == shape(0).size(o.axis()),
                        "sizes " + o.sizes() + " do not fill axis " + o.axis());
                yield o.sizes().stream()
                        .map(s -> new TensorType(type(0), shape(0).with(o.axis(), Dim.of(s))))
                        .toList();
            }
            case Op.Slice o -> {
                arity(1, 1);
                axis(o.axis());
                check(
                        shape(0).dim(o.axis()).isFixed()
                                && o.start() >= 0
                                && o.start() < o.end()
                                && o.end() <= shape(0).size(o.axis()),
                        "[" + o.start() + ", " + o.end() + ") is outside axis " + o.axis());
                yield one(type(0), shape(0).with(o.axis(), Dim.of(o.end() - o.start())));
            }
            case Op.Pad o -> {
                arity(1, 1);
                axis(o.axis());
                check(o.before() >= 0 && o.after() >= 0, "padding must not be negative");
                yield one(
                        type(0),
                        shape(0).with(o.axis(), Dim.of(shape(0).size(o.axis()) + (long) o.before() + o.after())));
            }
            case Op.ExpandLike o -> {
                arity(2, 2);
                check(broadcast(shape(0), shape(1)).equals(shape(1)), "the first does not broadcast to the second");
                yield one(type(0), shape(1));
            }
            case Op.ZerosLike o -> {
                arity(1, 1);
                yield one(ElementType.FLOAT, shape(0));
            }
            case Op.DimSize o -> {
                arity(1, 1);
                axis(o.axis());
                yield one(ElementType.FLOAT, Shape.SCALAR);
            }
            case Op.Cast o -> {
                arity(1, 1);
                yield one(o.to(), shape(0));
            }
            case Op.MatMul o -> matMul();
            case Op.Gemm o -> gemm(o);
            case Op.Gather o -> {
                arity(2, 2);
                integers(1);
                check(shape(0).rank() >= 1, "a scalar has no rows");
                List<Dim> dims = new ArrayList<>(shape(1).dims());
                dims.addAll(shape(0).dims().subList(1, shape(0).rank()));
                yield one(type(0), new Shape(dims));
            }
            case Op.GatherElements o -> {
                arity(2, 2);
                integers(1);
                axis(o.axis());
                check(matchesExcept(shape(0), shape(1), o.axis()), "they may differ only at axis " + o.axis());
                yield one(type(0), shape(1));
            }
            case Op.ScatterND o -> {
                arity(3, 3);
                wants(1, ElementType.INT64);
                check(
                        shape(1).rank() >= 1
                                && shape(1).dim(shape(1).rank() - 1).isOne(),
                        "indices must end in an axis of 1");
                List<Dim> dims = new ArrayList<>(shape(1).dims().subList(0, shape(1).rank() - 1));
                dims.addAll(shape(0).dims().subList(1, shape(0).rank()));
                check(new Shape(dims).equals(shape(2)), "updates must be " + new Shape(dims));
                yield one(type(0), shape(0));
            }
            case Op.ScatterElements o -> {
                arity(3, 3);
                integers(1);
                axis(o.axis());
                check(shape(1).equals(shape(2)), "indices and updates differ");
                check(matchesExcept(shape(0), shape(1), o.axis()), "they may differ only at axis " + o.axis());
                yield one(type(0), shape(0));
            }
            case Op.Conv o -> conv(o);
            case Op.ConvTranspose o -> convTranspose(o);
            case Op.MaxPool o -> {
                arity(1, 1);
                wants(0, ElementType.FLOAT);
                spatial(o.window(), 0);
                List<Dim> dims = new ArrayList<>(shape(0).dims().subList(0, 2));
                for (int i = 0; i < o.window().axes(); i++) {
                    dims.add(Dim.of(windows(
                            o.window(), i, shape(0).size(i + 2), o.kernel().get(i))));
                }
                yield List.of(
                        new TensorType(ElementType.FLOAT, new Shape(dims)),
                        new TensorType(ElementType.INT64, new Shape(dims)));
            }
        };
    }

    private List<TensorType> along(int axis) {
        arity(1, 1);
        wants(0, ElementType.FLOAT);
        axis(axis);
        return one(type(0), shape(0));
    }

    private List<TensorType> reduce(Op.Reduction o) {
        arity(1, 1);
        wants(0, ElementType.FLOAT);
        List<Dim> dims = new ArrayList<>();
        o.axes().forEach(this::axis);
        check(!o.axes().isEmpty(), "names no axis to reduce");
        for (int i = 0; i < shape(0).rank(); i++) {
            if (!o.axes().contains(i)) {
                dims.add(shape(0).dim(i));
            } else if (o.keepDims()) {
                dims.add(Dim.of(1));
            }
        }
        return one(type(0), new Shape(dims));
    }

    private List<TensorType> squeeze(Op.Squeeze o) {
        arity(1, 1);
        List<Dim> dims = new ArrayList<>();
        o.axes().forEach(this::axis);
        for (int i = 0; i < shape(0).rank(); i++) {
            if (!o.axes().contains(i)) {
                dims.add(shape(0).dim(i));
            } else {
                check(shape(0).dim(i).isOne(), "axis " + i + " is not 1");
            }
        }
        return one(type(0), new Shape(dims));
    }

    private List<TensorType> unsqueeze(Op.Unsqueeze o) {
        arity(1, 1);
        List<Dim> dims = new ArrayList<>(shape(0).dims());
        for (int axis : new TreeSet<>(o.axes())) {
            check(axis >= 0 && axis <= dims.size(), "axis " + axis + " is outside the result");
            dims.add(axis, Dim.of(1));
        }
        return one(type(0), new Shape(dims));
    }

    private List<TensorType> concat(Op.Concat o) {
        arity(1, Integer.MAX_VALUE);
        same("parts differ in element type");
        axis(o.axis());
        Dim total = shape(0).dim(o.axis());
        for (int i = 1; i < in.size(); i++) {
            check(
                    shape(i).rank() == shape(0).rank()
                            && shape(i).with(o.axis(), Dim.of(1)).equals(shape(0).with(o.axis(), Dim.of(1))),
                    "they may differ only at axis " + o.axis());
            Dim next = shape(i).dim(o.axis());
            check(next.symbol().equals(total.symbol()), "can't add a fixed and an open size at axis " + o.axis());
            total = new Dim(total.factor() + next.factor(), total.symbol());
        }
        return one(type(0), shape(0).with(o.axis(), total));
    }

    private List<TensorType> matMul() {
        arity(2, 2);
        wants(0, ElementType.FLOAT);
        wants(1, ElementType.FLOAT);
        int ra = shape(0).rank();
        int rb = shape(1).rank();
        check(ra >= 2 && rb >= 2, "both must have two axes or more");
        check(
                shape(0).dim(ra - 1).equals(shape(1).dim(rb - 2)),
                "inner dimensions " + shape(0).dim(ra - 1) + " and " + shape(1).dim(rb - 2) + " differ");
        Shape outer = broadcast(
                new Shape(shape(0).dims().subList(0, ra - 2)),
                new Shape(shape(1).dims().subList(0, rb - 2)));
        List<Dim> dims = new ArrayList<>(outer.dims());
        dims.add(shape(0).dim(ra - 2));
        dims.add(shape(1).dim(rb - 1));
        return one(ElementType.FLOAT, new Shape(dims));
    }

    private List<TensorType> gemm(Op.Gemm o) {
        arity(2, 3);
        in.forEach(v -> check(v.element() == ElementType.FLOAT, "wants floats"));
        check(shape(0).rank() == 2 && shape(1).rank() == 2, "both factors must have two axes");
        Dim rows = shape(0).dim(o.transposeA() ? 1 : 0);
        Dim inner = shape(0).dim(o.transposeA() ? 0 : 1);
        Dim innerB = shape(1).dim(o.transposeB() ? 1 : 0);
        Dim columns = shape(1).dim(o.transposeB() ? 0 : 1);
        check(inner.equals(innerB), "inner dimensions " + inner + " and " + innerB + " differ");
        Shape out = new Shape(List.of(rows, columns));
        check(in.size() == 2 || broadcast(shape(2), out).equals(out), "the third does not broadcast to " + out);
        return one(ElementType.FLOAT, out);
    }

    private List<TensorType> conv(Op.Conv o) {
        arity(2, 3);
        spatial(o.window(), 0);
        spatial(o.window(), 1);
        check(
                shape(0).dim(1).equals(shape(1).dim(1)),
                "channels " + shape(0).dim(1) + " and " + shape(1).dim(1) + " differ");
        check(in.size() == 2 || shape(2).equals(new Shape(List.of(shape(1).dim(0)))), "one bias a filter is wanted");
        List<Dim> dims = new ArrayList<>(List.of(shape(0).dim(0), shape(1).dim(0)));
        for (int i = 0; i < o.window().axes(); i++) {
            // An open size at a spatial axis only arises in a gradient (rows as channels), where both are the same.
            dims.add(Dim.of(windows(o.window(), i, shape(0).size(i + 2), shape(1).size(i + 2))));
        }
        return one(ElementType.FLOAT, new Shape(dims));
    }

    private List<TensorType> convTranspose(Op.ConvTranspose o) {
        arity(2, 2);
        spatial(o.window(), 0);
        spatial(o.window(), 1);
        check(
                shape(0).dim(1).equals(shape(1).dim(0)),
                "channels " + shape(0).dim(1) + " and " + shape(1).dim(0) + " differ");
        List<Dim> dims = new ArrayList<>(List.of(shape(0).dim(0), shape(1).dim(1)));
        for (int i = 0; i < o.window().axes(); i++) {
            long span =
                    (long) (shape(1).size(i + 2) - 1) * o.window().dilations().get(i) + 1;
            dims.add(Dim.of(
                    (long) (shape(0).size(i + 2) - 1) * o.window().strides().get(i)
                            + span
                            + o.outputPadding().get(i)
                            - o.window().padBefore().get(i)
                            - o.window().padAfter().get(i)));
        }
        return one(ElementType.FLOAT, new Shape(dims));
    }

    private long windows(Op.Window w, int axis, int size, int kernel) {
        long span = (long) (kernel - 1) * w.dilations().get(axis) + 1;
        long room = (long) size + w.padBefore().get(axis) + w.padAfter().get(axis) - span;
        check(room >= 0, "a window of " + span + " does not fit axis " + (axis + 2));
        return room / w.strides().get(axis) + 1;
    }

    private void spatial(Op.Window window, int input) {
        check(
                shape(input).rank() == window.axes() + 2,
                "wants " + (window.axes() + 2) + " axes: rows, channels and " + window.axes() + " spatial");
    }

    private Shape broadcast(Shape a, Shape b) {
        int rank = Math.max(a.rank(), b.rank());
        List<Dim> dims = new ArrayList<>();
        for (int i = 0; i < rank; i++) {
            Dim x = i < rank - a.rank() ? Dim.of(1) : a.dim(i - rank + a.rank());
            Dim y = i < rank - b.rank() ? Dim.of(1) : b.dim(i - rank + b.rank());
            check(x.equals(y) || x.isOne() || y.isOne(), a + " and " + b + " do not broadcast");
            dims.add(x.isOne() ? y : x);
        }
        return new Shape(dims);
    }

    private static boolean matchesExcept(Shape a, Shape b, int axis) {
        return a.rank() == b.rank() && a.with(axis, Dim.of(1)).equals(b.with(axis, Dim.of(1)));
    }

    private List<TensorType> one(ElementType element, Shape shape) {
        return List.of(new TensorType(element, shape));
    }

    private ElementType type(int input) {
        return in.get(input).element();
    }

    private Shape shape(int input) {
        return in.get(input).shape();
    }

    private void same(String message) {
        check(in.stream().map(Value::element).distinct().count() == 1, message);
    }

    private void wants(int input, ElementType element) {
        check(type(input) == element, "input " + input + " must be " + element);
    }

    private void integers(int input) {
        check(type(input) == ElementType.INT32 || type(input) == ElementType.INT64, "indices must be integers");
    }

    private void axis(int axis) {
        check(axis >= 0 && axis < shape(0).rank(), "there is no axis " + axis);
    }

    private void arity(int least, int most) {
        check(in.size() >= least && in.size() <= most, "takes " + least + " inputs, got " + in.size());
    }

    private void check(boolean condition, String reason) {
        if (!condition) {
            throw new GraphException("node " + name + ": "
                    + in.stream().map(v -> v.name() + " " + v.type()).collect(Collectors.joining(" and ")) + ": "
                    + reason);
        }
    }
}
