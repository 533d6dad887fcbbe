package io.livepredict.deploy.loop;

import io.livepredict.avro.Alert;
import io.livepredict.avro.LabelledExample;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.streams.output.RowSchema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** People with marked ids and texts, whose events go to several installations alike, and what those say of them. */
final class MarkedCrowd {
    private static final String MARK = "MARKED-";
    private static final Instant BASE = Instant.parse("2026-03-01T12:00:00Z");
    private static final int TIMES = 8;
    private static final int SECONDS_APART = 10;
    /** A pseudonym's beginning may be left out in a file, where it is that of the key before. */
    private static final int TRACE_FROM = 12;

    private final List<Installation> installations;
    private final Map<String, List<String>> ids = new HashMap<>();
    private final Pseudonyms pseudonyms;
    private Instant now = BASE;
    private int events;

    MarkedCrowd(List<Installation> installations) {
        this.installations = installations;
        pseudonyms = Objects.requireNonNull(
                installations.getFirst().streams().privacy().pseudonyms());
    }

    static String source(Installation installation) {
        return installation.topics().namespace().name("own-events");
    }

    /** New people of a group. */
    List<String> come(String group, int count) {
        List<String> all = ids.computeIfAbsent(group, any -> new ArrayList<>());
        List<String> fresh = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            fresh.add(MARK + group + '-' + (all.size() + i));
        }
        all.addAll(fresh);
        return fresh;
    }

    List<String> pseudonyms(Collection<String> people) {
        return people.stream().map(id -> pseudonyms.of(id, BASE.toEpochMilli())).toList();
    }

    /** What would be found of a group: ids, texts, and the ends of pseudonyms. */
    List<String> traces(String group) {
        List<String> people = ids.getOrDefault(group, List.of());
        List<String> traces = new ArrayList<>(people);
        pseudonyms(people).forEach(each -> traces.add(each.substring(TRACE_FROM)));
        return traces;
    }

    /** All of them come and chat some times, in all installations. */
    void chat(List<String> some, List<String> others) {
        for (int i = 0; i < TIMES; i++) {
            now = now.plusSeconds(SECONDS_APART);
            for (List<String> people : List.of(some, others)) {
                for (String each : people) {
                    send(installations, each, i == 0 ? "JOIN" : "CHAT");
                }
            }
        }
        installations.forEach(Installation::flush);
    }

    /** Those who stay go on, in one installation. */
    void chatOn(Installation installation) {
        now = now.plusSeconds(SECONDS_APART);
        ids.getOrDefault("keep", List.of()).forEach(each -> send(List.of(installation), each, "CHAT"));
        installation.flush();
    }

    /** Somebody comes much later, so that all labels become known. */
    void end() {
        now = now.plusSeconds(3_600);
        send(installations, ids.getOrDefault("keep", List.of()).getFirst(), "CHAT");
        installations.forEach(Installation::flush);
    }

    private void send(List<Installation> receivers, String who, String what) {
        byte[] value =
                "{\"id\":\"e%d\",\"who\":\"%s\",\"at\":%d,\"what\":\"%s\",\"room\":\"r\",\"text\":\"%s says hello\"}"
                        .formatted(events++, who, now.toEpochMilli(), what, who)
                        .getBytes(StandardCharsets.UTF_8);
        receivers.forEach(each -> each.sendRaw(source(each), 0, who.getBytes(StandardCharsets.UTF_8), value));
    }

    /** Asks by a record for somebody to be forgotten. */
    void request(Installation installation, String id) {
        installation.sendRaw(
                installation.topics().erasures().name(),
                null,
                null,
                "{\"kind\":\"viewer\",\"entity\":\"%s\"}"
                        .formatted(pseudonyms.of(id, BASE.toEpochMilli()))
                        .getBytes(StandardCharsets.UTF_8));
    }

    /** How many requests every task has answered. */
    int answered(Installation installation) {
        Map<String, Set<Integer>> tasks = new HashMap<>();
        each(installation, installation.topics().erasureReceipts(), receipt -> {
            if (!tasks.computeIfAbsent(receipt.getErasureId(), id -> new HashSet<>())
                    .add(receipt.getPartition())) {
                throw new AssertionError("twice: " + receipt);
            }
        });
        return (int) tasks.values().stream()
                .filter(partitions -> partitions.size() == installation.partitions())
                .count();
    }

    /** Whom predictions are about. */
    Set<String> predicted(Installation installation) {
        Set<String> entities = new HashSet<>();
        each(installation, installation.topics().predictions(), each -> entities.add(each.getEntityId()));
        return entities;
    }

    /** Predictions, rows, alerts and examples of those who stay, by their bytes but for the clock's times, and how often. */
    Map<String, Integer> saidOfTheOthers(Installation installation) {
        Set<String> stay = new HashSet<>(pseudonyms(ids.getOrDefault("keep", List.of())));
        Map<String, Integer> said = new TreeMap<>();
        each(installation, installation.topics().predictions(), each -> {
            if (stay.contains(each.getEntityId())) {
                add(
                        said,
                        "prediction",
                        () -> Prediction.newBuilder(each)
                                .setScoredAt(BASE)
                                .build()
                                .toByteBuffer());
            }
        });
        each(installation, installation.topics().alerts(), each -> {
            if (stay.contains(each.getEntityId())) {
                add(
                        said,
                        "alert",
                        () -> Alert.newBuilder(each).setDecidedAt(BASE).build().toByteBuffer());
            }
        });
        each(installation, installation.topics().labelledExamples(Kind.VIEWER), each -> {
            if (stay.contains(each.getEntityId())) {
                add(
                        said,
                        "example",
                        () -> LabelledExample.newBuilder(each)
                                .setEmittedAt(BASE.toEpochMilli())
                                .build()
                                .toByteBuffer());
            }
        });
        RowSchema schema = installation.streams().outputs().rows().orElseThrow();
        Topic<String, GenericRecord> rows = installation.topics().predictionRows(schema.schema());
        each(installation, rows, row -> {
            if (stay.contains(String.valueOf(row.get("entity_id")))) {
                row.put("scored_at", 0L);
                said.merge("row " + row, 1, Integer::sum);
            }
        });
        return said;
    }

    private interface Bytes {
        ByteBuffer get() throws IOException;
    }

    private static void add(Map<String, Integer> said, String what, Bytes bytes) {
        try {
            ByteBuffer buffer = bytes.get();
            byte[] all = new byte[buffer.remaining()];
            buffer.get(all);
            said.merge(what + ' ' + HexFormat.of().formatHex(all), 1, Integer::sum);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static <V> void each(Installation installation, Topic<String, V> topic, Consumer<V> taker) {
        TopicScan.scan(installation.client(), topic.name(), TopicPositions.beginning(), record -> {
            taker.accept(topic.value().deserializer().deserialize(topic.name(), record.value()));
        });
    }

    /** Has everything end its time that is kept for a time, the installation's own source excepted. */
    void endRetention(Installation installation) throws Exception {
        List<String> kept = List.of(
                installation.topics().predictions().name(),
                installation.topics().namespace().name("prediction-rows"),
                installation.topics().alerts().name(),
                installation.topics().labelledExamples(Kind.VIEWER).name(),
                installation.topics().deadLetters().name(),
                installation.topics().erasures().name());
        Map<ConfigResource, Collection<AlterConfigOp>> changes = new HashMap<>();
        for (String topic : kept) {
            changes.put(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    List.of(new AlterConfigOp(new ConfigEntry("retention.ms", "1000"), AlterConfigOp.OpType.SET)));
        }
        try (Admin admin = Admin.create(installation.client())) {
            admin.incrementalAlterConfigs(changes).all().get();
        }
    }
}
