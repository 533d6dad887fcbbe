package io.livepredict.deploy.shipped;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who asks a command for help gets it at once: no command builds for that. */
class HelpTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path temporary;

    @ParameterizedTest
    @CsvSource({
        "deploy/local, deploy/usage/local.txt",
        "deploy/backtest, deploy/usage/backtest.txt",
        "deploy/bench, deploy/usage/bench.txt",
        "deploy/check-report, deploy/usage/check-report.txt",
        "streams-app/bin/streams-app, streams-app/bin/usage.txt",
        "trainer/bin/trainer, trainer/bin/usage.txt",
        "deploy/console/bin/console, deploy/console/bin/usage.txt"
    })
    void shouldSayTheSameBeforeTheFirstBuildAsAfterIt(String command, String usage) throws Exception {
        String text = Files.readString(ROOT.resolve(usage));
        assertThat(help(ROOT, command))
                .as("%s --help; if it is right, write it to %s", command, usage)
                .isEqualTo(text);

        for (String file : List.of(command, usage, "deploy/lib.sh")) {
            Path copy = temporary.resolve(file);
            Files.createDirectories(copy.resolveSibling(""));
            Files.copy(ROOT.resolve(file), copy);
        }
        assertThat(help(temporary, command)).as("before the first build").startsWith(text);
        assertThat(temporary.resolve("deploy/target"))
                .as("where a build leaves its log")
                .doesNotExist();
    }

    private static String help(Path root, String command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("help", ".txt");
        try {
            Process process = new ProcessBuilder(root.resolve(command).toString(), "--help")
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
            String said = Files.readString(out);
            assertThat(process.exitValue()).as(said).isZero();
            return said;
        } finally {
            Files.delete(out);
        }
    }
}
