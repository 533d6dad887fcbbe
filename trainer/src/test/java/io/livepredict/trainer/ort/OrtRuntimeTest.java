package io.livepredict.trainer.ort;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.trainer.graph.CompiledGraph;
import io.livepredict.trainer.graph.ElementType;
import io.livepredict.trainer.graph.Graph;
import io.livepredict.trainer.graph.HostTensor;
import io.livepredict.trainer.graph.OnnxWriter;
import io.livepredict.trainer.graph.Value;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OrtRuntimeTest {
    private final OrtRuntime runtime = new OrtRuntime();

    /** What the child processes below run. */
    static final class Start {
        private static volatile float half = 0.5f;

        private Start() {}

        /** Starts ONNX Runtime and says so, and what half of the least normal number is then. */
        public static void main(String[] arguments) {
            try (CompiledGraph square = new OrtRuntime().compile(square())) {
                assert square != null;
                System.out.println("started; half: " + Float.MIN_NORMAL * half);
            }
        }
    }

    private static byte[] square() {
        Graph g = new Graph();
        Value x = g.input("x", ElementType.FLOAT, Graph.N, 2);
        return OnnxWriter.model(g, Map.of("y", g.square(x)));
    }

    @Test
    void shouldStartWhateverTheLengthOfTheCommandLine() throws Exception {
        assertThat(start("x".repeat(60_000))).contains("started");
    }

    /** In a process of its own, where it makes the first session of all. */
    @Test
    void shouldLeaveTheThreadsArithmeticAsItIs() throws Exception {
        assertThat(start("")).contains("half: " + Float.MIN_NORMAL / 2);
    }

    private static String start(String padding) throws Exception {
        String classPath = Path.of(Start.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + File.pathSeparator
                + Path.of(OrtRuntime.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                + File.pathSeparator
                + System.getProperty("java.class.path");
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath + File.pathSeparator + padding,
                        "-XX:ErrorFile=/dev/null",
                        Start.class.getName()))
                .redirectErrorStream(true)
                .start();
        String said = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).as(said).isZero();
        return said;
    }

    @Test
    void shouldReadAndWriteInPlace() {
        HostTensor memory = HostTensor.allocate(ElementType.FLOAT, 8);
        for (int i = 0; i < 8; i++) {
            memory.floats().put(i, i);
        }
        HostTensor result = HostTensor.allocate(ElementType.FLOAT, 2, 2);
        try (CompiledGraph graph = runtime.compile(square());
                CompiledGraph.Call call = graph.bind(Map.of("x", memory.view(3, 2, 2)), Map.of("y", result))) {
            call.run();
            float[] values = new float[4];
            result.floats().get(values);
            assertThat(values).containsExactly(9f, 16f, 25f, 36f);
            memory.floats().put(3, 10f);
            call.run();
            assertThat(result.floats().get(0)).isEqualTo(100f);
        }
    }

    @Test
    void shouldSayWhenTheEngineRefusesAModel() {
        assertThatThrownBy(() -> runtime.compile("no model".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ONNX Runtime refused the graph");
    }
}
