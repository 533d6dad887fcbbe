package io.livepredict.streams.model;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.OnnxContract;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Small real ONNX models, made with the protobuf builders: scores = sigmoid(dense · weights + bias). */
public final class TestModels {
    private TestModels() {}

    /** A model over some of a schema's dense features; the same weight for all of them, one bias for all heads. */
    public static Builder over(FeatureSchema schema, List<Target> targets) {
        return new Builder(schema, targets);
    }

    /** Builds one model. */
    public static final class Builder {
        private final FeatureSchema schema;
        private final List<Target> targets;
        private List<String> dense;
        private long version = 1;
        private float weight = 0.1f;
        private float bias;
        private boolean explain;
        private UnaryOperator<OnnxMl.ModelProto> change = model -> model;
        private UnaryOperator<ModelManifest> changeManifest = manifest -> manifest;

        private Builder(FeatureSchema schema, List<Target> targets) {
            this.schema = schema;
            this.targets = targets;
            this.dense = schema.dense().stream().map(f -> f.name()).toList();
        }

        public Builder dense(String... names) {
            dense = List.of(names);
            return this;
        }

        public Builder version(long value) {
            version = value;
            return this;
        }

        public Builder weight(float value) {
            weight = value;
            return this;
        }

        public Builder bias(float value) {
            bias = value;
            return this;
        }

        public Builder explaining() {
            explain = true;
            return this;
        }

        public Builder change(UnaryOperator<OnnxMl.ModelProto> value) {
            change = value;
            return this;
        }

        public Builder changeManifest(UnaryOperator<ModelManifest> value) {
            changeManifest = value;
            return this;
        }

        public byte[] onnx() {
            int inputs = dense.size();
            int heads = targets.size();
            OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder()
                    .setName("logistic")
                    .addInput(tensor(OnnxContract.DENSE, OnnxMl.TensorProto.DataType.FLOAT, -1, inputs))
                    .addOutput(tensor(OnnxContract.SCORES, OnnxMl.TensorProto.DataType.FLOAT, -1, heads))
                    .addInitializer(constant("weights", filled(inputs * heads, weight), inputs, heads))
                    .addInitializer(constant("bias", filled(heads, bias), heads))
                    .addNode(node("Gemm", "logits", OnnxContract.DENSE, "weights", "bias"))
                    .addNode(node("Sigmoid", OnnxContract.SCORES, "logits"));
            if (explain) {
                explain(graph, inputs, heads);
            }
            return change.apply(OnnxMl.ModelProto.newBuilder()
                            .setIrVersion(OnnxContract.IR_VERSION)
                            .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder()
                                    .setDomain("")
                                    .setVersion(OnnxContract.OPSET))
                            .setGraph(graph)
                            .build())
                    .toByteArray();
        }

        /** attributions[n, t, i] = dense[n, i] · weights[i, t], under an If. */
        private void explain(OnnxMl.GraphProto.Builder graph, int inputs, int heads) {
            graph.addInput(OnnxMl.ValueInfoProto.newBuilder()
                    .setName(OnnxContract.EXPLAIN)
                    .setType(OnnxMl.TypeProto.newBuilder()
                            .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                    .setElemType(OnnxMl.TensorProto.DataType.BOOL.getNumber())
                                    .setShape(OnnxMl.TensorShapeProto.newBuilder()))));
            OnnxMl.GraphProto then = OnnxMl.GraphProto.newBuilder()
                    .setName("explained")
                    .addOutput(tensor("on", OnnxMl.TensorProto.DataType.FLOAT, -1, heads, inputs))
                    .addInitializer(constant("weights_t", filled(inputs * heads, weight), 1, heads, inputs))
                    .addInitializer(OnnxMl.TensorProto.newBuilder()
                            .setName("axis")
                            .setDataType(OnnxMl.TensorProto.DataType.INT64.getNumber())
                            .addDims(1)
                            .addInt64Data(1))
                    .addNode(node("Unsqueeze", "rows", OnnxContract.DENSE, "axis"))
                    .addNode(node("Mul", "on", "rows", "weights_t"))
                    .build();
            OnnxMl.GraphProto otherwise = OnnxMl.GraphProto.newBuilder()
                    .setName("not")
                    .addOutput(tensor("off", OnnxMl.TensorProto.DataType.FLOAT, -1, heads, inputs))
                    .addInitializer(constant("none", new float[0], 0, heads, inputs))
                    .addNode(node("Identity", "off", "none"))
                    .build();
            graph.addNode(OnnxMl.NodeProto.newBuilder()
                    .setOpType("If")
                    .addInput(OnnxContract.EXPLAIN)
                    .addOutput(OnnxContract.ATTRIBUTIONS)
                    .addAttribute(branch("then_branch", then))
                    .addAttribute(branch("else_branch", otherwise)));
            graph.addOutput(tensor(OnnxContract.ATTRIBUTIONS, OnnxMl.TensorProto.DataType.FLOAT, -1, heads, inputs));
        }

        public ModelManifest manifest() {
            List<ModelManifest.Feature> features = new ArrayList<>();
            for (String name : dense) {
                String definition = schema.dense().stream()
                        .filter(f -> f.name().equals(name))
                        .map(f -> f.definition())
                        .findFirst()
                        .orElse("unknown");
                features.add(new ModelManifest.Feature(name, definition));
            }
            float[] row = new float[dense.size()];
            double logit = bias;
            for (int i = 0; i < row.length; i++) {
                row[i] = i % 7 * 0.25f;
                logit += row[i] * weight;
            }
            float score = (float) (1 / (1 + Math.exp(-logit)));
            return changeManifest.apply(ModelManifestBuilder.builder()
                    .format(ModelManifest.FORMAT)
                    .name(schema.kind().id())
                    .version(version)
                    .parentVersion(version - 1)
                    .createdAt("2026-01-01T00:00:00Z")
                    .family("logistic")
                    .dense(features)
                    .eventTypes(List.of())
                    .sequenceLength(0)
                    .sequenceDefinition("")
                    .ids(List.of())
                    .targets(targets.stream()
                            .map(t -> new ModelManifest.Head(t.name(), t.definition()))
                            .toList())
                    .bytes(0)
                    .chunks(0)
                    .sha256("")
                    .trainingOffsets(Map.of())
                    .examples(100)
                    .lastExampleEmittedAt(0)
                    .metrics(Map.of())
                    .gitCommit("test")
                    .configurationHash("test")
                    .golden(List.of(new ModelManifest.GoldenRow(
                            row, new int[0], new float[0], new int[0], filled(targets.size(), score))))
                    .build());
        }

        /** The records of the models topic: chunks, manifest, and the pointer to this version. */
        public List<ModelPacker.Entry> published(SigningKey key) {
            ModelSigner signer = signer(key);
            List<ModelPacker.Entry> entries = new ArrayList<>(ModelPacker.pack(manifest(), onnx(), signer));
            entries.add(ModelPacker.pointer(
                    new ModelPointer(
                            schema.kind().id(), version, false, ModelPacker.manifestSha256(entries), issuedAt(version)),
                    signer));
            return entries;
        }
    }

    /** Signs for the default namespace. */
    public static ModelSigner signer(SigningKey key) {
        return new ModelSigner(Namespace.defaults(), key);
    }

    /** Believes that key for the default namespace. */
    public static ModelVerifier verifier(SigningKey key) {
        return new ModelVerifier(Namespace.defaults(), TrustedKeys.of(List.of(key.publicKey())));
    }

    /** When a pointer to that version is issued: the later the higher. */
    public static String issuedAt(long version) {
        return Instant.parse("2026-01-01T00:00:00Z").plusSeconds(version).toString();
    }

    public static OnnxMl.ValueInfoProto tensor(String name, OnnxMl.TensorProto.DataType type, long... shape) {
        OnnxMl.TensorShapeProto.Builder dims = OnnxMl.TensorShapeProto.newBuilder();
        for (long size : shape) {
            OnnxMl.TensorShapeProto.Dimension.Builder dim = OnnxMl.TensorShapeProto.Dimension.newBuilder();
            dims.addDim(size < 0 ? dim.setDimParam("N") : dim.setDimValue(size));
        }
        return OnnxMl.ValueInfoProto.newBuilder()
                .setName(name)
                .setType(OnnxMl.TypeProto.newBuilder()
                        .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                                .setElemType(type.getNumber())
                                .setShape(dims)))
                .build();
    }

    public static OnnxMl.TensorProto constant(String name, float[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(values);
        OnnxMl.TensorProto.Builder tensor = OnnxMl.TensorProto.newBuilder()
                .setName(name)
                .setDataType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                .setRawData(ByteString.copyFrom(bytes.array()));
        for (long size : shape) {
            tensor.addDims(size);
        }
        return tensor.build();
    }

    public static OnnxMl.NodeProto node(String operator, String output, String... inputs) {
        return OnnxMl.NodeProto.newBuilder()
                .setOpType(operator)
                .addOutput(output)
                .addAllInput(List.of(inputs))
                .build();
    }

    private static OnnxMl.AttributeProto branch(String name, OnnxMl.GraphProto graph) {
        return OnnxMl.AttributeProto.newBuilder()
                .setName(name)
                .setType(OnnxMl.AttributeProto.AttributeType.GRAPH)
                .setG(graph)
                .build();
    }

    private static float[] filled(int size, float value) {
        float[] values = new float[size];
        java.util.Arrays.fill(values, value);
        return values;
    }
}
