package io.livepredict.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

class CommandFrameTest {
    @Command(name = "program", subcommands = Work.class, mixinStandardHelpOptions = true)
    private static final class Program {}

    @Command(name = "work", mixinStandardHelpOptions = true)
    private static final class Work implements Callable<Integer> {
        @Option(names = "--for", description = "How long.")
        private Duration time = Duration.ofSeconds(1);

        @Option(names = "--unit", description = "Which unit.")
        private TimeUnit unit = TimeUnit.SECONDS;

        @Option(names = "--fails", description = "How it fails.")
        private String failure = "";

        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() throws Exception {
            switch (failure) {
                case "plainly" -> throw new IllegalStateException("the broker\n is away");
                case "wrapped" -> throw new ExecutionException(new IllegalStateException("the broker is away"));
                case "speechless" -> throw new UnsupportedOperationException();
                case "by-options" -> throw CommandFrame.wrongUsage(spec, "--for and --unit exclude each other");
                default -> spec.commandLine().getOut().println(time + " " + unit);
            }
            return CommandFrame.DONE;
        }
    }

    private record Run(int code, String out, String err) {}

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = CommandFrame.of(new Program())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true));
        int code = line.execute(arguments);
        return new Run(code, out.toString(), err.toString());
    }

    @Test
    void shouldReadDurationsAsInConfigurationsAndValuesInAnyCase() {
        Run run = run("work", "--for", "10d", "--unit", "hours");
        assertThat(run.code()).isZero();
        assertThat(run.out().strip()).isEqualTo("PT240H HOURS");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plainly", "wrapped"})
    void shouldSayAFailureInOneLine(String how) {
        Run run = run("work", "--fails", how);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().strip()).isEqualTo("program: the broker is away");
    }

    @Test
    void shouldNameAFailureThatSaysNothing() {
        assertThat(run("work", "--fails", "speechless").err().strip())
                .isEqualTo("program: UnsupportedOperationException");
    }

    @Test
    void shouldShowWhereAFailureCameFromWhenAskedBeforeOrAfterTheCommand() {
        assertThat(run("--stacktrace", "work", "--fails", "plainly").err()).contains("\tat ");
        assertThat(run("work", "--stacktrace", "--fails", "plainly").err()).contains("\tat ");
        assertThat(run("work", "--fails", "plainly").err()).doesNotContain("\tat ");
    }

    @Test
    void shouldTellWrongUsageApart() {
        Run byOptions = run("work", "--fails", "by-options");
        assertThat(byOptions.code()).isEqualTo(2);
        assertThat(byOptions.err().strip())
                .isEqualTo("program: --for and --unit exclude each other; program work --help lists what there is");

        Run unknown = run("wrok");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("'wrok'").contains("program --help").hasLineCount(1);

        Run time = run("work", "--for", "soon");
        assertThat(time.code()).isEqualTo(2);
        assertThat(time.err()).contains("--for").contains("'soon'").hasLineCount(1);

        assertThat(run().code()).isEqualTo(2);
    }

    @Test
    void shouldListExitCodesInHelp() {
        assertThat(run("work", "--help").out()).contains("Exit codes:").contains("--stacktrace");
    }
}
