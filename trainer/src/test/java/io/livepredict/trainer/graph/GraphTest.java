package io.livepredict.trainer.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import io.livepredict.contract.OnnxContract;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class GraphTest {
    private final Graph g = new Graph();

    @Test
    void shouldNameTheNodeAndBothShapesWhenTheyDoNotFit() {
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 64);
        Value w = g.input("w", ElementType.FLOAT, 32, 128);
        g.scope("hidden1");
        refused(
                () -> g.matMul(x, w),
                "node hidden1/MatMul_0: x FLOAT[N, 64] and w FLOAT[32, 128]: inner dimensions 64 and 32 differ");
        refused(() -> g.add(x, w), "hidden1/Add_0", "[N, 64] and [32, 128] do not broadcast");
        refused(() -> g.apply(new Op.Gemm(false, true), x, w), "inner dimensions 64 and 128 differ");
    }

    @Test
    void shouldRefuseEveryKindOfMisfit() {
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 6);
        Value i = g.input("i", ElementType.INT32, Graph.N, 6);
        Value image = g.input("image", ElementType.FLOAT, Graph.N, 2, 5, 5);
        refused(() -> g.add(x, i), "element type");
        refused(() -> g.sigmoid(i), "must be FLOAT");
        refused(() -> g.reshape(x, Graph.N, 5), "6N elements against 5N");
        refused(() -> g.slice(x, 1, 4, 7), "[4, 7) is outside axis 1");
        refused(() -> g.slice(x, 0, 0, 1), "outside axis 0");
        refused(() -> g.squeeze(x, 1), "axis 1 is not 1");
        refused(() -> g.transpose(x, 0, 0), "not a permutation");
        refused(() -> g.split(x, 1, List.of(2, 3)), "do not fill axis 1");
        refused(() -> g.sum(x, false, 2), "there is no axis 2");
        refused(() -> g.concat(1, List.of(x, g.reshape(x, 6, Graph.N))), "may differ only at axis 1");
        refused(() -> g.concat(0, List.of(x, g.literal(Shape.of(1, 6), new float[6]))), "a fixed and an open size");
        refused(() -> g.gather(x, x), "indices must be integers");
        refused(() -> g.where(x, x, x), "input 0 must be BOOL");
        refused(
                () -> g.apply(new Op.Conv(Op.Window.plain(2)), image, g.literal(Shape.of(1, 3, 2, 2), new float[12])),
                "channels 2 and 3 differ");
        refused(
                () -> g.apply(new Op.Conv(Op.Window.plain(2)), image, g.literal(Shape.of(1, 2, 6, 1), new float[12])),
                "a window of 6 does not fit axis 2");
        refused(() -> g.apply(new Op.MaxPool(List.of(2), Op.Window.plain(1)), image), "wants 3 axes");
        refused(() -> g.apply(new Op.ScatterND(true), x, i, x), "INT64");
        refused(() -> g.input("x", ElementType.FLOAT), "two values named x");
        refused(() -> g.literal(Shape.of(3), 1f, 2f), "12 bytes, got 8");
        refused(() -> new Graph().add(x, x), "belongs to another graph");
    }

    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call).isInstanceOf(GraphException.class).hasMessageContainingAll(parts);
    }

    @Test
    void shouldKeepTheOpenSizeThroughReshapesAndProducts() {
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 8, 3);
        Value rows = g.reshape(x, Graph.N.times(8), 3);
        assertThat(rows.shape()).hasToString("[8N, 3]");
        assertThat(g.reshape(g.matMul(rows, g.literal(Shape.of(3, 2), new float[6])), Graph.N, 16)
                        .shape())
                .hasToString("[N, 16]");
        assertThat(rows.shape().at(5)).containsExactly(40, 3);
    }

    @Test
    void shouldWriteOnlyWhatTheOutputsNeed() throws Exception {
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 2);
        Value unused = g.input("unused", ElementType.FLOAT, Graph.N, 2);
        assertThat(g.add(unused, g.literal(Shape.of(2), 1f, 2f)).shape()).isEqualTo(x.shape());
        Value y = g.mul(x, g.literal(Shape.of(2), 3f, 4f));
        ModelProto model = ModelProto.parseFrom(OnnxWriter.model(g, Map.of("y", y)));
        assertThat(model.getGraph().getInputList())
                .extracting(ValueInfoProto::getName)
                .containsExactly("x");
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .containsExactly("Mul", "Identity");
        assertThat(model.getGraph().getInitializerCount()).isOne();
        assertThat(model.getOpsetImport(0).getVersion()).isEqualTo(OnnxContract.OPSET);
        assertThat(model.getOpsetImport(0).getDomain()).isEmpty();
        assertThat(model.getIrVersion()).isEqualTo(10);
    }

    @Test
    void shouldComputeAnOptionalOutputOnlyUnderItsCondition() throws Exception {
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 2);
        Value explain = g.input("explain", ElementType.BOOL);
        Value y = g.square(x);
        Value extra = g.exp(g.neg(y));
        byte[] onnx = OnnxWriter.model(g, Map.of("y", y), new OnnxWriter.Optional("extra", explain, extra));
        ModelProto model = ModelProto.parseFrom(onnx);
        assertThat(model.getGraph().getNodeList())
                .extracting(NodeProto::getOpType)
                .containsExactly("Mul", "Identity", "If");
    }

    @Test
    void shouldShareEqualLiterals() {
        assertThat(g.scalar(2f)).isSameAs(g.scalar(2f));
        assertThat(g.scalar(2f)).isNotSameAs(g.scalar(3f));
        assertThat(g.literal(Shape.of(1), 2f)).isNotSameAs(g.scalar(2f));
    }
}
