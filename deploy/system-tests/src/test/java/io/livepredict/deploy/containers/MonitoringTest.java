package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.livepredict.deploy.connect.ConnectMetric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Dashboards and alerts ask only for metrics that the programs declare, by labels that these have; every alert is tested and
 * says what to do. Where there is a {@code promtool} (it comes with Prometheus), it reads every query and runs the alerts'
 * tests.
 */
class MonitoringTest {
    private static final Path DEPLOY = Path.of("..").toAbsolutePath().normalize();
    private static final Path ALERTS = DEPLOY.resolve("prometheus/alerts.yml");
    private static final Path DASHBOARD = DEPLOY.resolve("grafana/dashboards/livepredict.json");
    private static final int DASHBOARD_COLUMNS = 24;
    private static final int PROMTOOL_SECONDS = 60;
    private static final Set<String> PER_SECOND = Set.of("cps", "reqps", "Bps");
    private static final Pattern SERIES = Pattern.compile("((?:livepredict|kafka)_\\w+)(?:\\{([^}]*)})?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)\\s*(?:=~|!~|!=|=)");

    @Test
    void shouldAskOnlyForMetricsThatExist() throws IOException {
        Map<String, Set<String>> declared = declared();
        List<String> queries = new ArrayList<>(dashboardQueries());
        queries.addAll(alertQueries());
        assertThat(queries).hasSizeGreaterThan(30);

        for (String query : queries) {
            Matcher series = SERIES.matcher(query);
            boolean found = false;
            while (series.find()) {
                found = true;
                assertThat(declared).as(query).containsKey(series.group(1));
                if (series.group(2) != null) {
                    Matcher label = LABEL.matcher(series.group(2));
                    while (label.find()) {
                        assertThat(declared.get(series.group(1))).as(query).contains(label.group(1));
                    }
                }
            }
            assertThat(found || query.contains("up{")).as(query).isTrue();
        }
    }

    @Test
    void shouldShowEveryMetricOrAlertOnIt() throws IOException {
        List<String> queries = new ArrayList<>(dashboardQueries());
        queries.addAll(alertQueries());
        Set<String> asked = new LinkedHashSet<>();
        for (String query : queries) {
            Matcher series = SERIES.matcher(query);
            while (series.find()) {
                asked.add(series.group(1));
            }
        }
        // What the trainer says of itself is on the dashboard to the last number; nothing is measured for nobody.
        assertThat(asked)
                .containsAll(java.util.Arrays.stream(io.livepredict.trainer.metrics.Metric.values())
                        .filter(metric -> switch (metric) {
                            case BATCHES, EXAMPLES_SKIPPED, CHAMPION_CHANGES, MODEL_VERSION, CHECKPOINTS -> false;
                            default -> true;
                        })
                        .map(io.livepredict.trainer.metrics.Metric::prometheusName)
                        .toList());
        assertThat(asked)
                .containsAll(java.util.Arrays.stream(ConnectMetric.values())
                        .map(ConnectMetric::prometheusName)
                        .toList());
        // And the streams app too, but for what is looked up when something is amiss.
        for (var metric : io.livepredict.streams.metrics.Metric.values()) {
            switch (metric) {
                case LABELS_DROPPED, EXPLAINED, STAYS_DROPPED, ENTITIES_EXPIRED -> {}
                default ->
                    assertThat(asked)
                            .as("series of " + metric)
                            .anyMatch(series -> series.startsWith(metric.prometheusName()));
            }
        }
    }

    @Test
    void shouldTellOfEveryAlertWhatToDoAndTestIt() throws IOException {
        String runbook = Files.readString(DEPLOY.resolve("prometheus/RUNBOOK.md"));
        String tests = Files.readString(DEPLOY.resolve("prometheus/alerts-test.yml"));
        List<JsonNode> alerts = alerts();
        assertThat(alerts).hasSizeGreaterThan(10);
        for (JsonNode alert : alerts) {
            String name = alert.path("alert").asText();
            String anchor = name.toLowerCase(Locale.ROOT);
            assertThat(alert.at("/annotations/runbook").asText()).isEqualTo("RUNBOOK.md#" + anchor);
            assertThat(runbook).contains("<a name=\"" + anchor + "\"></a>`" + name + "`");
            assertThat(tests).contains("alertname: " + name);
            assertThat(alert.at("/labels/severity").asText()).as(name).isIn("page", "ticket");
            assertThat(alert.at("/annotations/summary").asText()).as(name).isNotEmpty();
        }
        assertThat(Pattern.compile("<a name=").matcher(runbook).results().count())
                .as("alerts in the runbook")
                .isEqualTo(alerts.size());
    }

    @Test
    void shouldPlaceEveryPanelOnceAndAskTheDatasourceThatIsProvisioned() throws IOException {
        String datasource = new ObjectMapper(new YAMLFactory())
                .readTree(DEPLOY.resolve("grafana/provisioning/datasources/prometheus.yml")
                        .toFile())
                .at("/datasources/0/uid")
                .asText();
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> cells = new HashSet<>();
        for (JsonNode panel : dashboard.path("panels")) {
            String title = panel.path("title").asText();
            assertThat(ids.add(panel.path("id").asInt())).as("id of " + title).isTrue();
            JsonNode place = panel.path("gridPos");
            assertThat(place.path("x").asInt() + place.path("w").asInt())
                    .as(title)
                    .isLessThanOrEqualTo(DASHBOARD_COLUMNS);
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    assertThat(cells.add(List.of(
                                    place.path("x").asInt() + x, place.path("y").asInt() + y)))
                            .as(title + " lies on another panel")
                            .isTrue();
                }
            }
        }
        assertThat(dashboard.findValues("datasource"))
                .isNotEmpty()
                .allSatisfy(each -> assertThat(each.path("uid").asText()).isEqualTo(datasource));
        Set<String> variables = new LinkedHashSet<>();
        dashboard
                .at("/templating/list")
                .forEach(variable -> variables.add(variable.path("name").asText()));
        Matcher used = Pattern.compile("\\$(\\w+)").matcher(String.join(" ", dashboardQueries()));
        while (used.find()) {
            assertThat(variables).contains(used.group(1));
        }
    }

    @Test
    void shouldShowAsPerSecondOnlyWhatIs() throws IOException {
        int panels = 0;
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).path("panels")) {
            if (PER_SECOND.contains(panel.at("/fieldConfig/defaults/unit").asText())) {
                panels++;
                assertThat(panel.path("targets"))
                        .as(panel.path("title").asText())
                        .allSatisfy(
                                query -> assertThat(query.path("expr").asText()).contains("rate("));
            }
        }
        assertThat(panels).isGreaterThan(5);
    }

    @Test
    void shouldAlertAsItsTestsSay(@TempDir Path directory) throws Exception {
        assumeTrue(promtool("--version"), "SKIPPED alert tests: no promtool on the PATH (it comes with Prometheus)");

        Docker.run(Map.of(), List.of("promtool", "check", "rules", ALERTS.toString()), PROMTOOL_SECONDS);
        Docker.run(
                Map.of(),
                List.of(
                        "promtool",
                        "test",
                        "rules",
                        DEPLOY.resolve("prometheus/alerts-test.yml").toString()),
                PROMTOOL_SECONDS);

        // It reads rules only, so the dashboard's queries are made rules.
        ObjectNode file = new ObjectMapper().createObjectNode();
        ArrayNode rules =
                file.putArray("groups").addObject().put("name", "dashboard").putArray("rules");
        for (String query : dashboardQueries()) {
            rules.addObject().put("record", "query:" + rules.size()).put("expr", query.replaceAll("\\$\\w+", ".*"));
        }
        Path made = Files.writeString(directory.resolve("dashboard.yml"), file.toString());
        assertThat(Docker.run(Map.of(), List.of("promtool", "check", "rules", made.toString()), PROMTOOL_SECONDS))
                .contains(rules.size() + " rules found");
    }

    private static boolean promtool(String argument) throws InterruptedException {
        try {
            Docker.run(Map.of(), List.of("promtool", argument), PROMTOOL_SECONDS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Series to labels; histograms have three series each. */
    private static Map<String, Set<String>> declared() {
        Map<String, Set<String>> declared = new HashMap<>();
        // Kafka's own, by its consumer and by Kafka Streams; WholeLoopIT sees them in the running app.
        declared.put("kafka_consumer_fetch_manager_records_lag_max", Set.of("job", "instance", "client_id"));
        declared.put("kafka_stream_client_state", Set.of("job", "instance"));
        for (ConnectMetric metric : ConnectMetric.values()) {
            declared.put(metric.prometheusName(), labels(metric.labels(), ""));
        }
        for (var metric : io.livepredict.streams.metrics.Metric.values()) {
            List<String> suffixes = switch (metric.type()) {
                case COUNTER, GAUGE -> List.of("");
                case TIMER, SUMMARY -> List.of("_bucket", "_sum", "_count", "_max");
            };
            for (String suffix : suffixes) {
                declared.put(metric.prometheusName() + suffix, labels(metric.labels(), suffix));
            }
        }
        for (var metric : io.livepredict.trainer.metrics.Metric.values()) {
            declared.put(metric.prometheusName(), labels(metric.labels(), ""));
        }
        return declared;
    }

    private static Set<String> labels(List<String> own, String suffix) {
        Set<String> labels = new LinkedHashSet<>(own);
        labels.add("job");
        labels.add("instance");
        if (suffix.equals("_bucket")) {
            labels.add("le");
        }
        return labels;
    }

    private static List<String> dashboardQueries() throws IOException {
        List<String> queries = new ArrayList<>();
        collect(new ObjectMapper().readTree(DASHBOARD.toFile()), queries);
        return queries;
    }

    private static List<String> alertQueries() throws IOException {
        List<String> queries = new ArrayList<>();
        alerts().forEach(alert -> queries.add(alert.path("expr").asText()));
        return queries;
    }

    private static List<JsonNode> alerts() throws IOException {
        List<JsonNode> alerts = new ArrayList<>();
        new ObjectMapper(new YAMLFactory())
                .readTree(ALERTS.toFile())
                .path("groups")
                .forEach(group -> group.path("rules").forEach(alerts::add));
        return alerts;
    }

    private static void collect(JsonNode node, List<String> queries) {
        if (node.isObject()) {
            JsonNode query = node.get("expr");
            if (query != null) {
                queries.add(query.asText());
            }
        }
        node.forEach(child -> collect(child, queries));
    }
}
