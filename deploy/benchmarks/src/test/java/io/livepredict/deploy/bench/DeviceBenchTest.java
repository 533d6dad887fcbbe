package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.cli.CommandFrame;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the CPU, which is everywhere: the trainer's models score in the streams app as they did in the trainer. */
class DeviceBenchTest {
    @TempDir
    Path directory;

    @Test
    void shouldCompareEveryFamilyAndMeasureEveryBatchSize() throws Exception {
        Path file = directory.resolve("device.json");

        assertThat(bench("--device cpu --rows 300 --batches 1,16 --rounds 1 --swaps 5 --json " + file))
                .isZero();

        JsonNode report = new ObjectMapper().readTree(file.toFile());
        assertThat(report.at("/device").asText()).isEqualTo("cpu");
        for (String family : List.of("logistic", "mlp", "wide-and-deep", "gru", "cnn")) {
            JsonNode parity = report.at("/parity/" + family);
            assertThat(parity.at("/scores").asDouble(1)).as(family).isZero();
            assertThat(parity.at("/reasons").asDouble(1)).as(family).isZero();
            assertThat(parity.at("/golden_rows").asDouble(1)).as(family).isBetween(0.0, 1e-4);
            assertThat(report.at("/sweep/" + family)).as(family).hasSize(2);
        }
        assertThat(report.at("/swaps/versions").asInt()).isEqualTo(5);
    }

    @Test
    void shouldRefuseWhatIsNoDevice() {
        assertThat(bench("--device gpu")).isEqualTo(2);
    }

    private static int bench(String arguments) {
        return CommandFrame.run(new BenchCommand(), ("device " + arguments).split(" "));
    }
}
