package io.livepredict.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import io.livepredict.contract.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class YamlFileTest {
    enum Guarantee {
        EXACTLY_ONCE,
        AT_LEAST_ONCE
    }

    record Server(
            String host, int port, boolean tls, @Nullable Double share) {
        Server {
            if (port < 1) {
                throw new IllegalArgumentException("port must be at least 1, got " + port);
            }
        }
    }

    record Program(
            @Nullable String applicationName,
            @Nullable Guarantee guarantee,
            @Nullable Duration commitInterval,
            @Nullable Server server,
            @Nullable List<Server> peers,
            @Nullable Map<String, String> labels,
            @Nullable KafkaSettings kafka,
            @Nullable RegistrySettings registry,
            @Nullable List<TargetSettings> targets,
            @Nullable Kind kind,
            @Nullable Path file,
            @Nullable Column time,
            @Nullable Map<Kind, KindSettings> kinds,
            @Nullable List<Map<String, String>> skip) {}

    record Strict(String name, @Nullable String nick, List<String> words) {
        Strict {
            words = List.copyOf(words);
        }
    }

    /** Written as a word or as a group, as mappings do it. */
    record Column(String column, @Nullable String unit) {
        @JsonCreator
        static Column of(String column) {
            return new Column(column, null);
        }
    }

    private static Program parse(String yaml) {
        return YamlFile.parse(yaml, "app.yaml", Program.class);
    }

    private static void assertRefused(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(SettingsException.class)
                .hasMessage(message);
    }

    @TempDir
    Path directory;

    private Program read(String yaml, Map<String, String> env) throws IOException {
        Path file = directory.resolve("app.yaml");
        Files.writeString(file, yaml);
        return YamlFile.read(file, Program.class, env);
    }

    @Test
    void shouldBindKebabCaseKeysToRecords() {
        Program program = parse("""
                application-name: one
                guarantee: exactly-once
                commit-interval: 250ms
                kind: viewer
                file: a/b.csv
                server: {host: localhost, port: 80, tls: true, share: 0.25}
                peers:
                  - {host: a, port: 1}
                  - {host: b, port: 2}
                labels: {zone: eu, no: 06}
                time: ts
                """);

        assertThat(program.applicationName()).isEqualTo("one");
        assertThat(program.guarantee()).isEqualTo(Guarantee.EXACTLY_ONCE);
        assertThat(program.commitInterval()).isEqualTo(Duration.ofMillis(250));
        assertThat(program.kind()).isEqualTo(Kind.VIEWER);
        assertThat(program.file()).isEqualTo(Path.of("a/b.csv"));
        assertThat(program.server()).isEqualTo(new Server("localhost", 80, true, 0.25));
        assertThat(program.peers()).containsExactly(new Server("a", 1, false, null), new Server("b", 2, false, null));
        assertThat(program.labels()).containsExactly(Map.entry("zone", "eu"), Map.entry("no", "06"));
        assertThat(program.time()).isEqualTo(new Column("ts", null));
    }

    @Test
    void shouldTakeARelativePathFromTheFolderOfTheFileThatNamesIt() throws IOException {
        assertThat(read("file: a/b.csv", Map.of()).file()).isEqualTo(directory.resolve("a/b.csv"));
        assertThat(read("file: /a/b.csv", Map.of()).file()).isEqualTo(Path.of("/a/b.csv"));
        assertThat(read("file: a.csv", Map.of("LIVEPREDICT_FILE", "b.csv")).file())
                .isEqualTo(Path.of("b.csv"));
        assertThat(parse("file: a.csv").file()).isEqualTo(Path.of("a.csv"));
        assertRefused("file: ''", "app.yaml:1: file: '': must name a file");
        assertRefused("file: [a]", "app.yaml:1: file: must be a single value");
    }

    @Test
    void shouldBindAFormThatIsAWordOrAGroup() {
        assertThat(parse("time: {column: ts, unit: seconds}").time()).isEqualTo(new Column("ts", "seconds"));
    }

    @Test
    void shouldTakeEnumsAsKeys() {
        assertThat(parse("kinds: {viewer: {sequence-length: 4}}").kinds()).containsOnlyKeys(Kind.VIEWER);
        assertRefused("\nkinds: {veiwer: {}}", "app.yaml:2: kinds: 'veiwer': must be one of viewer, player");
    }

    /** Left out, it would make a rule apply to more than was meant. */
    @Test
    void shouldRefuseAnEntryOfAFreeMapWithoutAValue() {
        assertRefused(
                "skip:\n  - event: leave\n    arg:\n",
                "app.yaml:3: skip[0].arg: has no value; give it one or leave it out");
        assertThat(parse("skip: [{event: leave, arg: ''}]").skip())
                .containsExactly(Map.of("event", "leave", "arg", ""));
        assertRefused(
                "kafka: {bootstrap.servers: a:1, client.id: }",
                "app.yaml:1: kafka.client.id: has no value; give it one or leave it out");
    }

    @Test
    void shouldSayWhereACheckOfTheWholeRefuses() throws IOException {
        Path file = Files.writeString(directory.resolve("app.yaml"), """
                kind: viewer
                targets:
                  - {name: a, kind: viewer, any-of: [CHAT], within: 1m}
                  - {name: b, kind: viewer, any-of: [CHAD], within: 1m}
                """);
        Map<Kind, io.livepredict.contract.KindDefinition> kinds =
                Map.of(Kind.VIEWER, io.livepredict.contract.KindDefinition.defaults(Kind.VIEWER));
        assertThatThrownBy(() -> YamlFile.read(file, Program.class, Map.of(), p -> {
                    assertThat(p.targets()).isNotNull();
                    return Targets.read(java.util.Objects.requireNonNull(p.targets()), kinds);
                }))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(
                        file + ":4: targets: target b: any-of: CHAD: kind viewer declares no such event type;"
                                + " did you mean CHAT?");
        assertThatThrownBy(() -> YamlFile.read(file, Program.class, Map.of(), p -> {
                    throw new IllegalArgumentException("no");
                }))
                .isInstanceOf(SettingsException.class)
                .hasMessage(file + ": no");
    }

    @Test
    void shouldTakeAnEmptyFileAsAllDefaults() {
        assertThat(parse("").applicationName()).isNull();
        assertThat(parse("# nothing\n").server()).isNull();
    }

    @Test
    void shouldTakeAKeyWithoutAValueAsLeftOut() {
        assertThat(parse("application-name:\nguarantee: null\nkind: ~\n").applicationName())
                .isNull();
    }

    @Test
    void shouldExpandAnchorsAndMergeKeys() {
        Program program = parse("""
                server: &s {host: a, port: 1}
                peers:
                  - {<<: *s, port: 2}
                """);
        assertThat(program.peers()).containsExactly(new Server("a", 2, false, null));
    }

    @Test
    void shouldNameLineAndNearestKeyWhenAKeyIsUnknown() {
        assertRefused(
                "kind: viewer\naplication_name: x\n",
                "app.yaml:2: aplication_name: there is no such key; did you mean application-name?");
        assertRefused(
                "peers:\n  - {host: a, port: 1}\n  - host: b\n    prot: 2\n",
                "app.yaml:4: peers[1].prot: there is no such key; did you mean port?");
        assertRefused(
                "server: {xxxxxxxx: 1}",
                "app.yaml:1: server.xxxxxxxx: there is no such key; the keys here are host, port, share, tls");
    }

    @Test
    void shouldNameLineKeyValueAndReasonWhenAValueDoesNotFit() {
        assertRefused("\nserver:\n  port: many\n", "app.yaml:3: server.port: 'many': must be a whole number");
        assertRefused("server: {port: 1.5}", "app.yaml:1: server.port: '1.5': must be a whole number");
        assertRefused("server: {port: \"\"}", "app.yaml:1: server.port: '': must be a whole number");
        assertRefused("server: {tls: maybe}", "app.yaml:1: server.tls: 'maybe': must be true or false");
        assertRefused("server: {share: half}", "app.yaml:1: server.share: 'half': must be a number");
        assertRefused(
                "commit-interval: 30",
                "app.yaml:1: commit-interval: '30': must be a whole number and a unit, such as 250ms, 30s, 5m, 2h or 10d");
        assertRefused(
                "guarantee: perhaps", "app.yaml:1: guarantee: 'perhaps': must be one of exactly-once, at-least-once");
        assertRefused("kind: [viewer]", "app.yaml:1: kind: must be one of viewer, player");
        assertRefused("peers: a", "app.yaml:1: peers: 'a': must be a list, such as [A, B]");
        assertRefused("server: a", "app.yaml:1: server: 'a': must be a group of keys with values");
        assertRefused("server: [a]", "app.yaml:1: server: must be a group of keys with values");
        assertRefused("application-name: [a]", "app.yaml:1: application-name: must be a single value");
        assertRefused("labels: [a]", "app.yaml:1: labels: must be a group of keys with values");
    }

    @Test
    void shouldReportWhatARecordRefuses() {
        assertRefused("\nserver: {host: a, port: 0}", "app.yaml:2: server: port must be at least 1, got 0");
        assertRefused(
                "kafka: {client.id: x}",
                "app.yaml:1: kafka: bootstrap.servers is missing: name at least one broker, such as localhost:9092");
        assertRefused(
                "registry: {url: localhost}",
                "app.yaml:1: registry: url 'localhost' must begin with http:// or https:// and name a host,"
                        + " such as http://localhost:8081");
    }

    @Test
    void shouldNameWhatIsMissingWhenARecordDoesNotCheckItself() {
        assertThatThrownBy(() -> YamlFile.parse("nick: x", "s.yaml", Strict.class))
                .isInstanceOf(SettingsException.class)
                .hasMessage("s.yaml: name, words are missing");
    }

    @Test
    void shouldRefuseWhatIsNoYaml() {
        assertThatThrownBy(() -> parse("a: [1, 2\nb: c: d\n"))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("app.yaml:2: is not valid YAML: ");
        assertRefused("- a\n", "app.yaml: must be keys with values, such as 'kafka: …', and is a list");
        assertRefused("kind: viewer\nkind: player\n", "app.yaml:2: kind: is here twice; keep one");
        assertRefused("labels: &l {a: *l}", "app.yaml:1: is nested more than 50 deep");
        assertRefused("peers: [~]", "app.yaml:1: a list entry has no value");
    }

    @Test
    void shouldSayInOneLineThatAFileIsNotThere() {
        Path file = directory.resolve("none.yaml");
        assertThatThrownBy(() -> YamlFile.read(file, Program.class, Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessage(file + ": there is no such file");
    }

    @Test
    void shouldRefuseAFileThatIsNotUtf8() throws IOException {
        Path file = directory.resolve("latin.yaml");
        Files.write(file, "application-name: h\u00e9".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> YamlFile.read(file, Program.class, Map.of()))
                .hasMessage(file + ": is not a text file in UTF-8");
    }

    @Test
    void shouldLetTheEnvironmentOverrideTheFile() throws IOException {
        Program program = read(
                """
                application-name: one
                server: {host: a, port: 1}
                peers: [{host: b, port: 2}]
                kafka: {bootstrap.servers: a:1, security.protocol: PLAINTEXT}
                labels: {time-zone: eu}
                """,
                Map.of(
                        "LIVEPREDICT_APPLICATION_NAME", "two",
                        "LIVEPREDICT_COMMIT_INTERVAL", "2s",
                        "LIVEPREDICT_SERVER__PORT", "3",
                        "LIVEPREDICT_PEERS__0__HOST", "c",
                        "LIVEPREDICT_KAFKA__BOOTSTRAP_SERVERS", "b:2",
                        "LIVEPREDICT_KAFKA__SASL_JAAS_CONFIG", "\"a b=\\\"c\\\";\"",
                        "LIVEPREDICT_LABELS__TIME_ZONE", "us",
                        "LIVEPREDICT_FILE", "",
                        "PATH", "/bin"));

        assertThat(program.applicationName()).isEqualTo("two");
        assertThat(program.commitInterval()).isEqualTo(Duration.ofSeconds(2));
        assertThat(program.server()).isEqualTo(new Server("a", 3, false, null));
        assertThat(program.peers()).containsExactly(new Server("c", 2, false, null));
        assertThat(program.kafka())
                .isEqualTo(new KafkaSettings(Map.of(
                        "bootstrap.servers", "b:2",
                        "security.protocol", "PLAINTEXT",
                        "sasl.jaas.config", "a b=\"c\";")));
        assertThat(program.labels()).containsExactly(Map.entry("time-zone", "us"));
        assertThat(program.file()).isNull();
    }

    @Test
    void shouldSetAWholeGroupOrListFromTheEnvironment() throws IOException {
        Program program = read(
                "peers: [{host: b, port: 2}]\n",
                Map.of(
                        "LIVEPREDICT_PEERS", "[{host: x, port: 7}, {host: y, port: 8}]",
                        "LIVEPREDICT_PEERS__1__PORT", "9",
                        "LIVEPREDICT_SERVER__HOST", "h",
                        "LIVEPREDICT_SERVER__PORT", "5"));
        assertThat(program.peers()).containsExactly(new Server("x", 7, false, null), new Server("y", 9, false, null));
        assertThat(program.server()).isEqualTo(new Server("h", 5, false, null));
    }

    @Test
    void shouldNameTheVariableWhenItsValueDoesNotFit() {
        assertThatThrownBy(() -> read("server: {host: a, port: 1}", Map.of("LIVEPREDICT_SERVER__PORT", "many")))
                .hasMessage(
                        "environment variable LIVEPREDICT_SERVER__PORT: server.port: 'many': must be a whole number");
        assertThatThrownBy(() -> read("kind: viewer", Map.of("LIVEPREDICT_KIN", "viewer")))
                .hasMessage("environment variable LIVEPREDICT_KIN: kin: there is no such key; did you mean kind?");
        assertThatThrownBy(() -> read("peers: []", Map.of("LIVEPREDICT_PEERS__0__PORT", "1")))
                .hasMessage(
                        "environment variable LIVEPREDICT_PEERS__0__PORT: peers is a list of 0; 0 is not a place in it"
                                + " (the first is 0)");
        assertThatThrownBy(() -> read("kind: viewer", Map.of("LIVEPREDICT_KIND__X", "1")))
                .hasMessage(
                        "environment variable LIVEPREDICT_KIND__X: kind is a single value and has nothing below it");
        assertThatThrownBy(() -> read("", Map.of("LIVEPREDICT_SERVER", "{host: a")))
                .hasMessageStartingWith("environment variable LIVEPREDICT_SERVER: is not valid YAML: ");
    }

    @Test
    void shouldIgnoreVariablesThatKubernetesAndLaunchersSet() throws IOException {
        Program program = read(
                "kind: viewer",
                Map.of(
                        "LIVEPREDICT_SERVICE_HOST", "10.0.0.1",
                        "LIVEPREDICT_STREAMS_APP_PORT_8080_TCP_ADDR", "10.0.0.1",
                        "LIVEPREDICT_PORT", "tcp://10.0.0.1:80",
                        "LIVEPREDICT_JAVA_OPTS", "-Xmx1g"));
        assertThat(program.kind()).isEqualTo(Kind.VIEWER);
    }

    @Test
    void shouldNotShowASecretInAMessage() {
        assertThatThrownBy(() -> parse("registry: {url: http://h, password: [s3cret]}"))
                .hasMessageNotContaining("s3cret");
        assertThat(parse("kafka: {bootstrap.servers: a:1, sasl.jaas.config: s3cret, ssl.key.password: s3cret}")
                        .kafka())
                .asString()
                .contains("a:1")
                .doesNotContain("s3cret");
        assertThat(parse("registry: {url: http://h, username: me, password: s3cret}")
                        .registry())
                .asString()
                .doesNotContain("s3cret");
    }
}
