package io.livepredict.streams.cli;

import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.Source;
import io.livepredict.topics.TopicSetup;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code streams-app topics}: shows how the topics differ from what is needed, or creates those that are missing. */
@Command(
        name = "topics",
        description = "Show how the topics differ from what is needed, or create those that are missing.",
        mixinStandardHelpOptions = true)
final class TopicsCommand implements Callable<Integer> {
    private final Map<String, String> env;

    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The configuration, YAML.")
    private Path config = Path.of("streams-app.yaml");

    @Option(
            names = "--create",
            description =
                    "Create the topics that are missing; a source of your own only if sources says its partitions.")
    private boolean create;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    TopicsCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() {
        StreamsAppSettings read = StreamsAppSettings.read(config, env);
        PrintWriter out = spec.commandLine().getOut();
        read.hints().forEach(out::println);
        // The serdes are not used: names and settings of the topics are all that matters here.
        Topics topics = new Topics(read.namespace(), read.partitions(), new AvroSerdes(new InProcessRegistry()));
        List<Topic<?, ?>> ours = read.neededTopics(topics);
        List<TopicSetup.Difference> differences = create
                ? TopicSetup.createMissing(read.kafka(), ours, read.replication())
                : TopicSetup.differences(read.kafka(), ours);
        boolean usable = differences.stream().noneMatch(TopicSetup.Difference::harmful);
        differences.forEach(
                difference -> out.println(difference.words() + (difference.harmful() ? "" : " (or leave it so)")));
        TopicSetup.changelogDifferences(
                        read.kafka(),
                        read.applicationId(),
                        read.privacy().topics().ofChangelogs())
                .forEach(difference -> out.println(difference.words() + " (or leave it so)"));
        Set<String> foreign = new LinkedHashSet<>();
        read.sources().stream().map(Source::topic).forEach(foreign::add);
        ours.forEach(topic -> foreign.remove(topic.name()));
        usable &= sourcesExist(read, foreign, out);
        out.println(
                usable
                        ? "all " + (ours.size() + foreign.size()) + " topics are as they must be"
                        : "the topics are not as they must be: see the lines above, then run this again");
        out.flush();
        return usable ? 0 : 1;
    }

    private boolean sourcesExist(StreamsAppSettings read, Set<String> sources, PrintWriter out) {
        boolean all = true;
        Map<String, Integer> existing = TopicSetup.partitions(read.kafka(), sources);
        for (String topic : sources) {
            Integer wanted = read.sourcePartitions().get(topic);
            Integer actual = existing.get(topic);
            if (actual == null && wanted != null && create) {
                TopicSetup.createForeign(read.kafka(), topic, wanted, read.replication());
                out.println("created source topic " + topic + " with " + wanted + " partitions");
            } else if (actual == null) {
                all = false;
                out.println("source topic " + topic + " does not exist: "
                        + (wanted == null
                                ? "it is yours, and whoever writes to it creates it; or say partitions for it under sources,"
                                        + " and run this with --create"
                                : "run this with --create, which makes it with " + wanted + " partitions"));
            } else if (wanted != null && !wanted.equals(actual)) {
                out.println("source topic " + topic + " has " + actual + " partitions and sources says " + wanted
                        + ": it stays as it is");
            }
        }
        return all;
    }
}
