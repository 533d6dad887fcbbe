package io.livepredict.trainer.cli;

import io.livepredict.trainer.config.TrainerSettings;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The configuration file, for every command that talks to Kafka. */
final class ConfigOption {
    @Option(
            names = {"-c", "--config"},
            required = true,
            paramLabel = "FILE",
            description = "The trainer's configuration file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path file;

    TrainerSettings read() {
        return TrainerSettings.read(file, System.getenv());
    }
}
