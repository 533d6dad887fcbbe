package io.livepredict.deploy.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.report.ReportRequest;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.ConfluentRegistryClient;
import io.livepredict.streams.config.StreamsAppSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "report",
        description =
                "Count everything from the topics, from their beginning: events, predictions, labels, models, quality.",
        mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The streams app's configuration.")
    private Path config = Path.of("streams-app.yaml");

    @Option(names = "--file", paramLabel = "FILE", description = "Write the JSON there instead of to the screen.")
    private @Nullable Path file;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    ReportCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws IOException {
        StreamsAppSettings read = StreamsAppSettings.read(config, env);
        try (ConfluentRegistryClient registry = new ConfluentRegistryClient(read.registry())) {
            AvroSerdes serdes = new AvroSerdes(registry);
            ReportRequest.Source source = new ReportRequest.Source(
                    read.kafka().client(read.namespace().name("reader-report")),
                    serdes,
                    new Topics(read.namespace(), read.partitions(), serdes),
                    TopicPositions.beginning());
            ReportRequest.Installation installation = ReportRequest.Installation.of(read);
            ObjectNode report = RunReport.of(new ReportRequest(source, installation, ReportRequest.Observed.nothing()));
            if (file == null) {
                PrintWriter out = spec.commandLine().getOut();
                out.println(report.toPrettyString());
                out.flush();
            } else {
                RunReport.write(report, file);
            }
        }
        return 0;
    }
}
