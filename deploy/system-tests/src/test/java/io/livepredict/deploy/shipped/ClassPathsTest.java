package io.livepredict.deploy.shipped;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the images carry and what streams-app/bin and trainer/bin run with: no broker, no registry, no benchmark, and the
 * simulator only in its own image. The class paths are those that the build writes to {@code target/class-path.txt}, which the
 * scripts and the images take too.
 */
class ClassPathsTest {
    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    /** A class of each part that must not be shipped. */
    private static final Map<String, String> NOT_SHIPPED = Map.of(
            "Kafka's broker", "kafka/server/KafkaRaftServer",
            "Kafka's controller", "org/apache/kafka/controller/QuorumController",
            "the driver of Kafka Streams' tests", "org/apache/kafka/streams/TopologyTestDriver",
            "the broker and registry of deploy/local", "io/livepredict/deploy/local/RegistryProcess",
            "the backtest", "io/livepredict/deploy/backtest/Backtest",
            "the benchmarks", "io/livepredict/deploy/bench/BenchCommand",
            "JMH", "org/openjdk/jmh/runner/Runner",
            "JUnit", "org/junit/jupiter/api/Test");

    private static final String SIMULATOR = "io/livepredict/deploy/simulator/SimulatedPlatform";

    @ParameterizedTest
    @ValueSource(strings = {"streams-app", "trainer", "deploy/tools", "deploy/console", "deploy/connect"})
    void shouldShipNeitherBrokerNorRegistryNorBenchmark(String module) throws IOException {
        try (URLClassLoader loader = runtime(module)) {
            assertThat(NOT_SHIPPED)
                    .allSatisfy((part, type) -> assertThat(find(loader, type))
                            .as("%s on the class path of %s", part, module)
                            .isNull());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"streams-app", "trainer", "deploy/console", "deploy/connect"})
    void shouldShipTheSimulatorInItsOwnImageOnly(String module) throws IOException {
        try (URLClassLoader loader = runtime(module);
                URLClassLoader tools = runtime("deploy/tools")) {
            assertThat(find(loader, SIMULATOR)).isNull();
            assertThat(find(tools, SIMULATOR)).isNotNull();
        }
    }

    /** Otherwise a part that was renamed would pass for one that is not there. */
    @Test
    void shouldLookForPartsThatExist() throws IOException {
        try (URLClassLoader everything = runtime("deploy/benchmarks")) {
            assertThat(NOT_SHIPPED)
                    .allSatisfy((part, type) -> assertThat(
                                    part.equals("JUnit")
                                            ? find(getClass().getClassLoader(), type)
                                            : find(everything, type))
                            .as(part)
                            .isNotNull());
        }
    }

    /** The Kafka artifacts by name, because a broker is made of many. */
    @Test
    void shouldHaveOnlyClientsAndStreamsOfKafka() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (String module : List.of("streams-app", "trainer", "deploy/tools", "deploy/console", "deploy/connect")) {
            for (String entry : entries(module)) {
                String name = entry.substring(entry.lastIndexOf(File.separatorChar) + 1);
                if (name.startsWith("kafka") || name.startsWith("connect-") || name.contains("apicurio")) {
                    names.add(name.replaceFirst("-[0-9].*", ""));
                }
            }
        }
        assertThat(names).containsExactly("kafka-clients", "kafka-streams");
    }

    private static @Nullable URL find(ClassLoader loader, String type) {
        return loader.getResource(type + ".class");
    }

    private static URLClassLoader runtime(String module) throws IOException {
        List<URL> urls = new ArrayList<>();
        urls.add(ROOT.resolve(module).resolve("target/classes").toUri().toURL());
        for (String entry : entries(module)) {
            assertThat(Path.of(entry)).exists();
            urls.add(Path.of(entry).toUri().toURL());
        }
        return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    private static List<String> entries(String module) throws IOException {
        return List.of(Files.readString(ROOT.resolve(module).resolve("target/class-path.txt"))
                .strip()
                .split(File.pathSeparator));
    }
}
