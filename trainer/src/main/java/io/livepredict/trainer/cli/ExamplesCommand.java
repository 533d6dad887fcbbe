package io.livepredict.trainer.cli;

import io.livepredict.contract.Kind;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.learner.ExampleExport;
import io.livepredict.trainer.wiring.OperatorTools;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "examples", description = "Labelled examples.", mixinStandardHelpOptions = true)
final class ExamplesCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Command(
            name = "export",
            description =
                    "Writes every labelled example of a kind as CSV: features by name, labels, served scores, version.",
            mixinStandardHelpOptions = true)
    void export(
            @Mixin ConfigOption option,
            @Option(names = "--kind", required = true, paramLabel = "KIND", description = "viewer or player.")
                    Kind kind,
            @Parameters(paramLabel = "FILE.csv", description = "The file to write.") Path file)
            throws IOException {
        TrainerSettings config = option.read();
        try (OperatorTools tools = OperatorTools.open(config)) {
            ExampleExport.Written written =
                    tools.examples().write(kind, config.kinds().targets(kind), file);
            spec.commandLine()
                    .getOut()
                    .println(written.rows() + " examples written to " + file
                            + (written.skipped().isEmpty() ? "" : "; skipped " + written.skipped()));
        }
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: export");
    }
}
