package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.contract.Kind;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.settings.TlsSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyQueryMetadata;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** The other instances of the application: who they are by what Kafka Streams knows, and what they have. */
final class Instances implements AutoCloseable {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(1);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Supplier<Optional<KafkaStreams>> client;
    private final HostInfo own;
    private final String scheme;
    private final HttpClient http;

    /**
     * @param client Kafka Streams as it is at present
     * @param own under which the others reach this instance
     * @param tls how every instance listens; null for plain http
     */
    Instances(Supplier<Optional<KafkaStreams>> client, HostInfo own, @Nullable TlsSettings tls) {
        this.client = client;
        this.own = own;
        scheme = tls == null ? "http" : "https";
        HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(CONNECT_WITHIN);
        if (tls != null) {
            builder.sslContext(HttpEndpoint.context(tls));
        }
        http = builder.build();
    }

    /** Another instance does not answer. */
    static final class SilentException extends Exception {
        SilentException(HostInfo instance, @Nullable Throwable cause) {
            super(instance.host() + ':' + instance.port() + " does not answer", cause);
        }
    }

    /**
     * What an instance has.
     *
     * @param partitions those that it could look into
     * @param answers one per id that it was asked for; null for an entity that is not there
     */
    record Has(Set<Integer> partitions, List<@Nullable JsonNode> answers) {}

    /**
     * Where a key of that store is, if its records' producer chose the partition as Kafka's own does; empty while that is not
     * known.
     */
    Optional<HostInfo> owner(String store, String key) {
        return client.get().map(streams -> {
            try {
                KeyQueryMetadata found = streams.queryMetadataForKey(store, key, new StringSerializer());
                return found == null || found.equals(KeyQueryMetadata.NOT_AVAILABLE) ? null : found.activeHost();
            } catch (IllegalStateException | InvalidStateStoreException e) {
                return null; // it starts or ends
            }
        });
    }

    /** All the others. */
    List<HostInfo> others() {
        List<HostInfo> others = new ArrayList<>();
        client.get().ifPresent(streams -> {
            try {
                for (StreamsMetadata instance : streams.metadataForAllStreamsClients()) {
                    if (!instance.hostInfo().equals(own) && instance.hostInfo().port() > 0) {
                        others.add(instance.hostInfo());
                    }
                }
            } catch (IllegalStateException | InvalidStateStoreException e) {
                others.clear(); // it starts or ends
            }
        });
        return others;
    }

    /** How many partitions of that topic all instances together read; 0 while that is not known. */
    int partitions(String topic) {
        return client.get()
                .map(streams -> {
                    try {
                        return (int) streams.metadataForAllStreamsClients().stream()
                                .flatMap(instance -> instance.topicPartitions().stream())
                                .filter(partition -> partition.topic().equals(topic))
                                .distinct()
                                .count();
                    } catch (IllegalStateException | InvalidStateStoreException e) {
                        return 0; // it starts or ends
                    }
                })
                .orElse(0);
    }

    boolean isOwn(HostInfo instance) {
        return instance.equals(own);
    }

    /**
     * Asks an instance on behalf of a caller.
     *
     * @param copies whether standbys are asked instead of active tasks
     * @param authorization the caller's, null for none
     */
    Has ask(HostInfo instance, Kind kind, List<String> ids, Ask ask, boolean copies, @Nullable String authorization)
            throws SilentException {
        try {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(scheme + "://" + instance.host() + ':'
                            + instance.port() + "/v1/kinds/" + kind.id() + "/local"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofByteArray(
                            JSON.writeValueAsBytes(Map.of("ids", ids, "ask", ask.word(), "copies", copies))));
            if (authorization != null) {
                request.header("Authorization", authorization);
            }
            HttpResponse<byte[]> answer = whole(request.build());
            if (answer.statusCode() != 200) {
                throw new SilentException(instance, null);
            }
            return has(JSON.readTree(answer.body()), ids.size(), instance);
        } catch (IOException | IllegalArgumentException | ExecutionException | TimeoutException e) {
            throw new SilentException(instance, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SilentException(instance, e);
        }
    }

    /** An answer with its body: a request's own timeout ends with the head. */
    private HttpResponse<byte[]> whole(HttpRequest request)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<HttpResponse<byte[]>> answer =
                http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
        try {
            return answer.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            answer.cancel(true);
        }
    }

    private static Has has(JsonNode answer, int ids, HostInfo instance) throws SilentException {
        if (answer.path("answers").size() != ids) {
            throw new SilentException(instance, null);
        }
        Set<Integer> partitions = new TreeSet<>();
        answer.path("partitions").forEach(partition -> partitions.add(partition.asInt()));
        List<@Nullable JsonNode> answers = new ArrayList<>();
        answer.path("answers").forEach(each -> answers.add(each.isNull() ? null : each));
        return new Has(partitions, answers);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
