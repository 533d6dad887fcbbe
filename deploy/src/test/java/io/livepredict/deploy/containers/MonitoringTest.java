package io.livepredict.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Dashboards and alerts ask only for metrics that the programs declare, by labels that these have. */
class MonitoringTest {
    private static final Path DEPLOY = Path.of("").toAbsolutePath();
    private static final Pattern SERIES = Pattern.compile("(livepredict_\\w+)(?:\\{([^}]*)})?");
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
            assertThat(found || query.startsWith("up{")).as(query).isTrue();
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
    }

    /** Series to labels; histograms have three series each. */
    private static Map<String, Set<String>> declared() {
        Map<String, Set<String>> declared = new HashMap<>();
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
        collect(
                new ObjectMapper()
                        .readTree(DEPLOY.resolve("grafana/dashboards/livepredict.json")
                                .toFile()),
                queries);
        return queries;
    }

    private static List<String> alertQueries() throws IOException {
        List<String> queries = new ArrayList<>();
        collect(
                new ObjectMapper(new YAMLFactory())
                        .readTree(DEPLOY.resolve("prometheus/alerts.yml").toFile()),
                queries);
        return queries;
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
