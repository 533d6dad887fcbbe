package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** For a benchmark that JMH can run too. */
final class JmhOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--jmh",
            description = "Let JMH measure instead, in JVMs of its own: for a machine that does nothing else.")
    private boolean jmh;

    @Parameters(
            arity = "0..*",
            paramLabel = "JMH-OPTION",
            description = "With --jmh, after --: options of JMH, such as -- -f 2 -prof gc; -- -h lists them.")
    private List<String> arguments = new ArrayList<>();

    /** Runs that class's benchmarks if JMH was asked for; whether it was. */
    boolean run(Class<?> benchmark) {
        if (!jmh) {
            if (!arguments.isEmpty()) {
                throw CommandFrame.wrongUsage(spec, "options of JMH go with --jmh: " + arguments);
            }
            return false;
        }
        try {
            CommandLineOptions given = new CommandLineOptions(arguments.toArray(String[]::new));
            if (given.shouldHelp()) {
                given.showHelp();
                return true;
            }
            new Runner(new OptionsBuilder()
                            .parent(given)
                            .include(Pattern.quote(benchmark.getName()) + "\\.")
                            .jvmArgsAppend("--enable-native-access=ALL-UNNAMED")
                            .build())
                    .run();
            return true;
        } catch (CommandLineOptionException e) {
            throw CommandFrame.wrongUsage(spec, "options of JMH: " + e.getMessage());
        } catch (RunnerException e) {
            throw new IllegalStateException("JMH could not run: " + e.getMessage(), e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
