package io.livepredict.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random bytes and mutations of real models, of their bytes and of their graphs: each is taken with finite scores, or
 * refused in one line. Nothing else may happen, neither a crash nor a hang nor memory without a bound: the trial runs in a
 * process that is limited, and this one goes on.
 */
class BroughtModelsProperties {
    private static final FeatureSchema SCHEMA = Imports.schema("a", "b", "c", "d");
    private static final List<Target> TARGETS = List.of(Imports.target("leaves", true));
    private static final ExampleBatch ROWS = Imports.rows(SCHEMA, 40);

    @Test
    void shouldTakeOrRefuseWhateverIsBrought() {
        assertThat(brought(60, 1)).isPositive();
    }

    @Tag("soak")
    @Test
    void shouldTakeOrRefuseAThousandFiles() {
        int taken = brought(1_000, 2);
        System.out.println("of 1000 files " + taken + " were taken, and the others refused in one line each");
        assertThat(taken).isPositive();
    }

    /** Returns how many were taken. */
    private static int brought(int count, long seed) {
        List<byte[]> models = models();
        Random random = new Random(seed);
        int taken = 0;
        try (ChildModelRunner child = Imports.child(Duration.ofSeconds(3), 512)) {
            for (int i = 0; i < count; i++) {
                byte[] file = i % 10 == 0 ? noise(random) : mutated(models.get(random.nextInt(models.size())), random);
                taken += isTaken(child, file, "seed " + seed + ", file " + i) ? 1 : 0;
            }
        }
        return taken;
    }

    private static boolean isTaken(ChildModelRunner child, byte[] file, String which) {
        try {
            ModelImport.Checked checked =
                    new ModelImport(child, 4).check(ModelFile.of(file), Imports.NOTHING_SAID, SCHEMA, TARGETS, ROWS);
            for (float score : checked.newest().scores()) {
                assertThat(score).as(which).isBetween(-1e-6f, 1 + 1e-6f);
            }
            return true;
        } catch (RefusedOperationException e) {
            assertThat(e.getMessage()).as(which).isNotBlank().doesNotContain("\n");
            return false;
        }
    }

    private static List<byte[]> models() {
        return Stream.of("recipes/xgboost.onnx", "cases/if-branch.onnx")
                .map(file -> Imports.file(file).getParent())
                .flatMap(BroughtModelsProperties::models)
                .map(BroughtModelsProperties::read)
                .toList();
    }

    private static Stream<Path> models(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[random.nextInt(500)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] mutated(byte[] model, Random random) {
        return random.nextBoolean() ? bytesChanged(model.clone(), random) : graphChanged(model, random);
    }

    private static byte[] bytesChanged(byte[] bytes, Random random) {
        for (int i = 0; i <= random.nextInt(4); i++) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    /** A model that can be read, with something wrong in it. */
    private static byte[] graphChanged(byte[] bytes, Random random) {
        ModelProto.Builder model;
        try {
            model = ModelProto.parseFrom(bytes).toBuilder();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
        int at = random.nextInt(model.getGraph().getNodeCount());
        NodeProto.Builder node = model.getGraphBuilder().getNodeBuilder(at);
        switch (random.nextInt(7)) {
            case 0 -> model.getGraphBuilder().removeNode(at);
            case 1 ->
                node.setOpType(List.of("Loop", "If", "Sigmoid", "Reshape", "ZipMap", "Expand")
                        .get(random.nextInt(6)));
            case 2 -> node.setDomain(random.nextBoolean() ? "ai.onnx.ml" : "com.example");
            case 3 ->
                model.getGraphBuilder()
                        .getInputBuilder(0)
                        .getTypeBuilder()
                        .getTensorTypeBuilder()
                        .setElemType(random.nextInt(24));
            case 4 -> attributesChanged(node, random);
            case 5 -> {
                if (node.getInputCount() > 0) {
                    node.setInput(0, node.getOutput(0)); // takes from itself
                }
            }
            default -> {
                if (model.getGraph().getInitializerCount() > 0) {
                    model.getGraphBuilder().getInitializerBuilder(0).clearDims().addDims(random.nextLong());
                }
            }
        }
        return model.build().toByteArray();
    }

    private static void attributesChanged(NodeProto.Builder node, Random random) {
        for (AttributeProto.Builder attribute : node.getAttributeBuilderList()) {
            for (int i = 0; i < attribute.getIntsCount(); i++) {
                if (random.nextInt(4) == 0) {
                    attribute.setInts(i, random.nextInt(5) - 1L);
                }
            }
            for (int i = 0; i < attribute.getFloatsCount(); i++) {
                if (random.nextInt(8) == 0) {
                    attribute.setFloats(i, Float.intBitsToFloat(random.nextInt()));
                }
            }
        }
    }
}
