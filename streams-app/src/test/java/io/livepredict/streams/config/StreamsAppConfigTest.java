package io.livepredict.streams.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.ingest.Source;
import io.livepredict.streams.ingest.TimeBounds;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.time.OutputGate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StreamsAppConfigTest {
    private static final String SMALLEST = """
            kafka: {bootstrap.servers: "localhost:9092"}
            registry: {url: "http://localhost:8081"}
            targets:
              - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
            models: {trusted-keys: [trainer.pub.pem]}
            """;

    @TempDir
    Path dir;

    private StreamsAppSettings read(String yaml) throws IOException {
        return read(yaml, Map.of());
    }

    private StreamsAppSettings read(String yaml, Map<String, String> env) throws IOException {
        Path file = dir.resolve("streams-app.yaml");
        Files.writeString(file, yaml);
        return StreamsAppSettings.read(file, env);
    }

    @Test
    void shouldFillInWhatIsLeftOut() throws IOException {
        StreamsAppSettings settings = read(SMALLEST);
        assertThat(settings.sources())
                .containsExactly(
                        new Source("livepredict.viewer-events", Kind.VIEWER, Source.Format.CANONICAL, null, false));
        assertThat(settings.timeBounds()).isEqualTo(TimeBounds.defaults());
        assertThat(settings.time().grace()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.score().batchSize()).isEqualTo(256);
        assertThat(settings.score().flushAfter()).isNull();
        assertThat(settings.device()).isEqualTo(new Device.Auto());
        assertThat(StreamsProperties.of(settings))
                .containsEntry("application.id", "livepredict.streams")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("group.protocol", "classic")
                .containsEntry("statestore.cache.max.bytes", "0")
                .containsEntry("commit.interval.ms", "100")
                .containsEntry("bootstrap.servers", "localhost:9092");
    }

    @Test
    void shouldTakeEveryKey() throws IOException {
        Files.writeString(dir.resolve("mapping.yaml"), """
                kind: player
                time: {column: t, unit: millis}
                id: p
                type: {always: KILL}
                """);
        StreamsAppSettings settings = read("""
                namespace: mine
                kafka: {bootstrap.servers: "localhost:9092", security.protocol: SSL}
                registry: {url: "http://localhost:8081"}
                partitions: 12
                replication: 3
                kinds:
                  viewer: {event-types: [JOIN, CHAT, LEAVE], windows: [10s, 1m], sequence-length: 8}
                sources:
                  - {kind: viewer}
                  - topic: clicks
                    format: json
                    rekey: true
                    mapping:
                      kind: viewer
                      time: {column: t, unit: iso8601}
                      id: [u, r]
                      type: {column: e}
                  - {topic: kills, format: avro, mapping-file: mapping.yaml}
                targets:
                  - {name: leave-30s, kind: viewer, any-of: [LEAVE], within: 30s}
                  - {name: quit-10d, kind: player, none-of: [LOGIN], within: 10d}
                time: {grace: 2s, idle-after: 30s, max-ahead: 5m, max-behind: 1d, live-from: 2026-11-27T06:00:00Z}
                predictions: {not-older-than: 10m, emit-history: false}
                score: {batch-size: 32, flush-after: 3ms, device: cpu, explain: {threshold: 0.8, sample-rate: 0.01}}
                preset: latency
                models: {trusted-keys: [a.pem, b.pem]}
                state: {dir: x, store: in-memory, retention: 40d, max-open-snapshots: 10, standby-replicas: 1, recent-bytes: 0}
                http: {host: 0.0.0.0, port: 0}
                threads: 4
                guarantee: at-least-once
                commit-interval: 50ms
                streams: {poll.ms: "10"}
                """);
        assertThat(settings.trustedKeys()).containsExactly(dir.resolve("a.pem"), dir.resolve("b.pem"));
        assertThat(settings.stateDirectory()).isEqualTo(Path.of("x"));
        assertThat(settings.sources())
                .extracting(
                        source -> source.topic() + " " + source.kind() + " " + source.format() + " " + source.rekey())
                .containsExactly(
                        "mine.viewer-events VIEWER CANONICAL false",
                        "clicks VIEWER JSON true",
                        "kills PLAYER AVRO false");
        assertThat(settings.score().flushAfter()).isEqualTo(Duration.ofMillis(3));
        assertThat(settings.time().retention()).isEqualTo(Duration.ofDays(40));
        long live = Instant.parse("2026-11-27T06:00:00Z").toEpochMilli();
        assertThat(settings.time().liveFromMillis()).isEqualTo(live);
        assertThat(settings.timeBounds().liveFromMillis()).isEqualTo(live);
        assertThat(settings.outputGate()).isEqualTo(new OutputGate(live, 600_000));
        assertThat(settings.kinds().definition(Kind.VIEWER).eventTypes()).containsExactly("JOIN", "CHAT", "LEAVE");
        assertThat(StreamsProperties.of(settings))
                .containsEntry("processing.guarantee", "at_least_once")
                .containsEntry("num.stream.threads", "4")
                .containsEntry("num.standby.replicas", "1")
                .containsEntry("commit.interval.ms", "50")
                .containsEntry("security.protocol", "SSL")
                .containsEntry("poll.ms", "10");
    }

    @Test
    void shouldRefuseOutputsThatContradictThemselvesOrNameWhatThereIsNot() throws IOException {
        String alert = SMALLEST + "alerts: [{name: a, target: leave-30s, raise-at: 0.8%s}]\n";
        assertThat(read(alert.formatted("")).outputs().alerts()).hasSize(1);
        assertThatThrownBy(() -> read(alert.formatted(", clear-below: 0.9")))
                .hasMessageContaining("clear-below 0.9 is above raise-at 0.8");
        assertThatThrownBy(() -> read(alert.formatted(", holdout: 0.7")))
                .hasMessageContaining("holdout must be in 0..0.5");
        assertThatThrownBy(() -> read(alert.formatted(", only-if: [{feature: sum.gift_valu.1m, at-least: 1}]")))
                .hasMessageContaining("sum.gift_value.1m");
        assertThatThrownBy(() ->
                        read(alert.formatted(", only-if: [{feature: sum.gift_value.1m, at-least: 2, at-most: 1}]")))
                .hasMessageContaining("can't be at least 2.0 and at most 1.0");
        assertThatThrownBy(() -> read(SMALLEST + "alerts: [{name: a, target: leave-60s, raise-at: 0.8}]\n"))
                .hasMessageContaining("there is no target leave-60s")
                .hasMessageContaining("leave-30s");
        assertThatThrownBy(() -> read(SMALLEST + "alerts: [{name: a, target: leave-30s, raise-at: 1.2}]\n"))
                .hasMessageContaining("raise-at must be a probability");
        assertThatThrownBy(
                        () -> read(
                                SMALLEST
                                        + "alerts: [{name: a, target: leave-30s, raise-at: 1}, {name: a, target: leave-30s, raise-at: 1}]\n"))
                .hasMessageContaining("another alert has this name");
        assertThatThrownBy(() -> read(SMALLEST + "outlook: {present-for: 15s}\n"))
                .hasMessageContaining("whole tens of seconds");
        String emit = SMALLEST.replace("within: 30s}", "within: 30s, emit: %s}");
        assertThat(read(emit.formatted("always")).outputs().emissions()).isEmpty();
        assertThat(read(emit.formatted("{changed-by: 0.1}")).outputs().emissions())
                .containsKey("leave-30s");
        assertThatThrownBy(() -> read(emit.formatted("{at-least-every: 1m}")))
                .hasMessageContaining("at-least-every withholds nothing by itself");
        assertThatThrownBy(() -> read(emit.formatted("never"))).hasMessageContaining("emit is always, or a group of");
        String rows = "predictions: {layout: wide}\n";
        assertThatThrownBy(() -> read(SMALLEST.replace("leave-30s", "event-id") + rows))
                .hasMessageContaining("would be column event_id");
    }

    @Test
    void shouldRefuseWhatIsSaidOfHistoryWhereThereIsNone() throws IOException {
        assertThat(read(SMALLEST).outputGate()).isEqualTo(OutputGate.OPEN);
        assertThatThrownBy(() -> read(SMALLEST + "time: {live-from: 2026-11-27}\n"))
                .hasMessageContaining("time.live-from: '2026-11-27'")
                .hasMessageContaining("with its zone");
        assertThatThrownBy(() -> read(SMALLEST + "time: {replay: true, live-from: 2026-11-27T06:00:00Z}\n"))
                .hasMessageContaining("excludes idle-after, max-ahead, max-behind and live-from");
        assertThatThrownBy(() -> read(SMALLEST + "predictions: {emit-history: true}\n"))
                .hasMessageContaining("needs time.live-from");
        assertThatThrownBy(() -> read(SMALLEST + "predictions: {not-older-than: 0s}\n"))
                .hasMessageContaining("not-older-than");
        assertThatThrownBy(() -> read(SMALLEST + "time: {replay: true}\npredictions: {not-older-than: 10m}\n"))
                .hasMessageContaining("not-older-than goes by the clock");
    }

    @Test
    void shouldLetTheEnvironmentOverrideAKey() throws IOException {
        StreamsAppSettings settings =
                read(SMALLEST, Map.of("LIVEPREDICT_HTTP__PORT", "9999", "LIVEPREDICT_PRESET", "throughput"));
        assertThat(settings.http().port()).isEqualTo(9999);
        assertThat(settings.preset()).isEqualTo(Preset.THROUGHPUT);
    }

    @Test
    void shouldKeepStateForLongerThanTheLongestHorizon() throws IOException {
        String yaml = SMALLEST.replace("within: 30s", "within: 60d");
        assertThat(read(yaml).time().retention()).isGreaterThan(Duration.ofDays(60));
        assertThatThrownBy(() -> read(yaml + "state: {retention: 10d}\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessage(dir.resolve("streams-app.yaml")
                        + ":6: state.retention: 10d must be longer than the longest horizon and the grace, 60d + 5s");
    }

    @Test
    void shouldNameFileAndLineOfAWrongTarget() throws IOException {
        assertThatThrownBy(() -> read(SMALLEST.replace("LEAVE]", "LAEVE]")))
                .isInstanceOf(SettingsException.class)
                .hasMessage(dir.resolve("streams-app.yaml")
                        + ":4: targets: target leave-30s: any-of: LAEVE: kind viewer declares no such event type;"
                        + " did you mean LEAVE?; it declares JOIN, HEARTBEAT, CHAT, LIKE, GIFT, FOLLOW, SHARE,"
                        + " PURCHASE, LEAVE");
    }

    @Test
    void shouldSwitchTheClockOffForAReplay() throws IOException {
        StreamsAppSettings settings = read(SMALLEST + "time: {replay: true}\n");
        assertThat(settings.timeBounds()).isEqualTo(TimeBounds.NONE);
        assertThat(settings.time().idleAfter()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "threds: 2 | threds: | did you mean threads?",
                "threads: 0 | threads must be in 1..1024 | got 0",
                "'score: {device: tpu}' | device 'tpu' must be | cuda:N",
                "'score: {batch-size: 0}' | batch-size must be in 1..65536 | got 0",
                "'http: {port: 70000}' | port must be in | 70000",
                "'preset: fast' | preset: 'fast': must be one of | latency, balanced, throughput",
                "'sources: [{topic: t, format: json}]' | sources[0] | need a mapping",
                "'sources: [{kind: player}]' | streams-app.yaml:6: sources: topic | player events, but no target is for that kind",
                "'sources: [{kind: viewer}, {kind: viewer}]' | is named twice | livepredict.viewer-events",
                "'time: {grace: 5}' | time.grace: '5' | a whole number and a unit",
                "'time: {replay: true, idle-after: 5s}' | time: | excludes idle-after",
                "'kinds: {viewer: {windows: [1s, 2s, 3s, 4s, 5s, 6s, 7s, 8s, 9s, 10s, 11s, 12s, 13s]}}' | streams-app.yaml:6: kinds.viewer: | leave some out",
                "'namespace: a/b' | namespace 'a/b' | letters",
                "'state: {recent-bytes: -1}' | recent-bytes must not be negative | got -1",
                "'state: {store: disk}' | state.store: 'disk' | rocksdb, in-memory"
            })
    void shouldRefuseAWrongValueInOneLineThatSaysWhere(String line, String first, String second) {
        assertThatThrownBy(() -> read(SMALLEST + line + "\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("streams-app.yaml")
                .hasMessageContaining(first)
                .hasMessageContaining(second)
                .hasMessageNotContaining("\n");
    }

    private static final String OWN_TOPIC = """
            sources:
              - topic: clicks
                format: json
                rekey: true
                partitions: 6
                mapping:
                  kind: viewer
                  time: {column: at, unit: pattern, pattern: "yyyy-MM-dd HH:mm a"}
                  id: who
                  type: {column: what, map: {say: CHAT, bye: LEAVE}}
            """;

    @Test
    void shouldSayWhichMappedTypeIsNotDeclaredAndWhatIsMeant() {
        assertThatThrownBy(() -> read(SMALLEST + OWN_TOPIC.replace("CHAT", "CHATT")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("streams-app.yaml:7: sources: topic clicks: the mapping makes CHATT")
                .hasMessageContaining("did you mean CHAT?")
                .hasMessageContaining("kinds.viewer.event-types");
        assertThatThrownBy(() -> read(SMALLEST + OWN_TOPIC + "      separator: tab\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("log files");
    }

    @Test
    void shouldKnowWhatItsSourceTopicsAreCreatedWithAndWhatMayBeMeantOtherwise() throws IOException {
        StreamsAppSettings settings = read(SMALLEST + OWN_TOPIC);
        assertThat(settings.sourcePartitions()).containsExactly(Map.entry("clicks", 6));
        assertThat(settings.hints())
                .singleElement()
                .asString()
                .contains("source clicks")
                .contains("hh");
        assertThat(read(SMALLEST).sourcePartitions()).isEmpty();
    }

    @Test
    void shouldNeedNoTopicOfAKindOrSourceThatIsNotUsed() throws IOException {
        Topics topics = new Topics(Namespace.defaults(), 4, new AvroSerdes(new InProcessRegistry()));
        assertThat(read(SMALLEST).neededTopics(topics))
                .extracting(Topic::name)
                .contains("livepredict.viewer-events", "livepredict.viewer-labelled-examples")
                .doesNotContain("livepredict.player-events", "livepredict.player-labelled-examples");
        assertThat(read(SMALLEST + OWN_TOPIC).neededTopics(topics))
                .extracting(Topic::name)
                .doesNotContain("livepredict.viewer-events");
    }

    @Test
    void shouldGiveTopicsAndChangelogsTheirTimes() throws IOException {
        Topics topics = new Topics(Namespace.defaults(), 4, new AvroSerdes(new InProcessRegistry()));
        StreamsAppSettings settings =
                read(SMALLEST + "topics: {retention: {predictions: 30d}, compaction-lag: 6h, segment: 1h}\n");
        assertThat(settings.neededTopics(topics))
                .filteredOn(topic -> topic.name().equals("livepredict.predictions"))
                .singleElement()
                .extracting(Topic::configuration, InstanceOfAssertFactories.MAP)
                .containsEntry("retention.ms", "2592000000")
                .containsEntry("segment.ms", "3600000")
                .doesNotContainKey("max.compaction.lag.ms");
        assertThat(settings.neededTopics(topics))
                .filteredOn(topic -> topic.name().equals("livepredict.models"))
                .singleElement()
                .extracting(Topic::configuration, InstanceOfAssertFactories.MAP)
                .containsEntry("max.compaction.lag.ms", "21600000")
                .doesNotContainKey("retention.ms");
        assertThat(StreamsProperties.of(settings))
                .containsEntry("topic.max.compaction.lag.ms", "21600000")
                .containsEntry("topic.segment.ms", "3600000");
        assertThat(StreamsProperties.of(read(SMALLEST))).containsEntry("topic.max.compaction.lag.ms", "86400000");
        StreamsAppSettings typo = read(SMALLEST + "topics: {retention: {prediction: 30d}}\n");
        assertThatThrownBy(() -> typo.neededTopics(topics))
                .hasMessageContaining("prediction is no topic with a retention; did you mean predictions?");
    }

    @Test
    void shouldReadPseudonymKeysAndRefuseThoseThatAreNone() throws IOException {
        Files.writeString(dir.resolve("one.key"), "0123456789abcdef0123456789abcdef\n");
        Files.writeString(dir.resolve("two.key"), "short\n");
        String keys = SMALLEST + "pseudonyms: {key-file: one.key%s}\n";
        assertThat(read(keys.formatted("")).privacy()).satisfies(privacy -> {
            assertThat(privacy.deadLetters()).isEqualTo(Payload.HASH);
            assertThat(Objects.requireNonNull(privacy.pseudonyms()).all("ada")).hasSize(1);
        });
        assertThat(read(keys.formatted("") + "dead-letters: {payload: none}\n")
                        .privacy()
                        .deadLetters())
                .isEqualTo(Payload.NONE);
        Files.setPosixFilePermissions(dir.resolve("one.key"), PosixFilePermissions.fromString("rw-r-----"));
        assertThat(read(keys.formatted("")).hints()).isEmpty();
        Files.setPosixFilePermissions(dir.resolve("one.key"), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(read(keys.formatted("")).hints())
                .singleElement()
                .asString()
                .contains("every user of this machine can read", "one.key", "chmod 600");
        assertThatThrownBy(() -> read(SMALLEST + "pseudonyms: {key-file: missing.key}\n"))
                .hasMessageContaining("missing.key can't be read");
        assertThatThrownBy(() -> read(keys.formatted(", epochs: [{from: 2026-06-01T00:00:00Z, key-file: two.key}]")))
                .hasMessageContaining("has 5 bytes, at least 32 are needed");
        assertThatThrownBy(() -> read(keys.formatted(
                        ", epochs: [{from: 2026-06-01T00:00:00Z, key-file: one.key}, {from: 2026-06-01T00:00:00Z,"
                                + " key-file: one.key}]")))
                .hasMessageContaining("does not begin after 2026-06-01T00:00:00Z");
        String mixed = """
                sources:
                  - {kind: viewer}
                  - {topic: t, format: json, rekey: true, mapping: {kind: viewer, time: {unit: record}, id: a,
                     type: {always: CHAT}}}
                """;
        assertThat(read(SMALLEST + mixed).sources()).hasSize(2);
        assertThatThrownBy(() -> read(keys.formatted("") + mixed)).hasMessageContaining("set rekey: true for each");
    }
}
