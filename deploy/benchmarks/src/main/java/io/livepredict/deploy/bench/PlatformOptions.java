package io.livepredict.deploy.bench;

import io.livepredict.contract.Kind;
import picocli.CommandLine.Option;

/** Of every benchmark on the simulated platform in event time. */
final class PlatformOptions {
    @Option(names = "--kind", paramLabel = "KIND", description = "viewer or player; default: viewer.")
    Kind kind = Kind.VIEWER;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Events per second of both kinds, which sets how many viewers and players there are; default:"
                    + " ${DEFAULT-VALUE}.")
    double rate = 1_000;
}
