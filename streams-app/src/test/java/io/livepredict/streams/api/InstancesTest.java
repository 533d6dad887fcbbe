package io.livepredict.streams.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.livepredict.contract.Kind;
import io.livepredict.http.Problem;
import io.livepredict.streams.api.Instances.SilentException;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.FlowFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.state.HostInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InstancesTest {
    private static final HostInfo HERE = new HostInfo("here", 1);
    private static final List<String> ADA = List.of("ada");

    @TempDir
    Path directory;

    /** Kafka Streams that is made and not started. */
    private KafkaStreams streams(FlowFixture flow, HostInfo... others) {
        Properties properties = new Properties();
        properties.put("application.id", "app");
        properties.put("bootstrap.servers", "127.0.0.1:1");
        properties.put("state.dir", directory.toString());
        if (others.length == 0) {
            return new KafkaStreams(flow.topology, properties);
        }
        return new KafkaStreams(flow.topology, properties) {
            @Override
            public Collection<StreamsMetadata> metadataForAllStreamsClients() {
                return List.of(others).stream()
                        .<StreamsMetadata>map(Member::new)
                        .toList();
            }
        };
    }

    /** What Kafka Streams tells of a client of the application. */
    private record Member(HostInfo hostInfo) implements StreamsMetadata {
        @Override
        public Set<String> stateStoreNames() {
            return Set.of();
        }

        @Override
        public Set<TopicPartition> topicPartitions() {
            return Set.of();
        }

        @Override
        public Set<TopicPartition> standbyTopicPartitions() {
            return Set.of();
        }

        @Override
        public Set<String> standbyStateStoreNames() {
            return Set.of();
        }

        @Override
        public String host() {
            return hostInfo.host();
        }

        @Override
        public int port() {
            return hostInfo.port();
        }
    }

    @Test
    void shouldKnowNobodyBeforeStreamsAreStarted() {
        try (FlowFixture flow = FlowFixture.canonical();
                KafkaStreams streams = streams(flow);
                Instances instances = new Instances(() -> Optional.of(streams), HERE, null)) {
            assertThat(instances.others()).isEmpty();
            assertThat(instances.owner(new NodeNames(Kind.VIEWER).activity(), "ada"))
                    .isEmpty();
        }
    }

    @Test
    void shouldNotWaitForTheRestOfAnAnswer() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Instances instances = new Instances(Optional::empty, HERE, null)) {
            Thread.startVirtualThread(() -> {
                try (Socket socket = listening.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
                                    .getBytes(StandardCharsets.US_ASCII));
                    end.await();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            HostInfo stuck = new HostInfo("127.0.0.1", listening.getLocalPort());
            assertThatThrownBy(() -> instances.ask(stuck, Kind.VIEWER, ADA, Ask.LATEST, false, null))
                    .isInstanceOf(SilentException.class);
        } finally {
            end.countDown();
        }
    }

    @Test
    void shouldAskAnInstanceThatDoesNotAnswerOnceOnly() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        HttpServer refusing = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        refusing.createContext("/", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(500, -1);
            exchange.close();
        });
        refusing.start();
        HostInfo other = new HostInfo("127.0.0.1", refusing.getAddress().getPort());
        try (FlowFixture flow = FlowFixture.canonical();
                KafkaStreams streams = streams(flow, other);
                ScoresNow now = new ScoresNow(
                        flow.targets, flow.active, (contextId, asOf, into, offset) -> {}, flow.clock::get);
                Instances instances = new Instances(() -> Optional.of(streams), HERE, null)) {
            Entities entities = new Entities(
                    new LocalState(() -> Optional.of(streams), flow.plan, "app"),
                    new EntityAnswers(flow.plan, now, true, "here:1", flow.clock::get),
                    1);
            assertThat(Search.find(entities, instances, ADA, Ask.LATEST, null))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.status()).isEqualTo(503));
        } finally {
            refusing.stop(0);
        }
        assertThat(asked).hasValue(1);
    }
}
