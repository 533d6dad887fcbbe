package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.trainer.cli.Main;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The standard benchmark of data streams, Electricity, through {@code trainer evaluate}: one pass, test-then-train. */
final class Elec2 {
    /** Its name in {@code --only}, and its file. */
    static final String NAME = "elec2";

    private static final String FILE = "elec2.csv.xz";

    private Elec2() {}

    /**
     * Runs it.
     *
     * @return every scorer's figures, and the accuracies that others published
     * @throws IOException if there is no such file, or it can't be read
     */
    static ObjectNode run(Path data) throws IOException {
        Path file = data.resolve(FILE);
        Path figures = Files.createTempFile("livepredict-elec2", ".json");
        try {
            int code = Main.run("evaluate", "--examples", file.toString(), "--json", figures.toString());
            if (code != 0) {
                throw new IOException("trainer evaluate could not take " + file);
            }
            ObjectNode report = JsonNodeFactory.instance.objectNode();
            report.set(
                    "scorers",
                    new ObjectMapper().readTree(Files.readString(figures)).path("scorers"));
            report.putObject("published_accuracy")
                    .put("logistic regression (deep-river)", 0.8221)
                    .put("deep-river logistic", 0.8374)
                    .put("deep-river RNN", 0.8333)
                    .put("deep-river MLP", 0.5827)
                    .put("previous label", 0.8533);
            return report;
        } finally {
            Files.deleteIfExists(figures);
        }
    }

    /** Lines for the table of the quality benchmark. */
    static String table(JsonNode report) {
        if (!report.isObject()) {
            return "";
        }
        StringBuilder out = new StringBuilder("\nElec2, 45,312 examples, one pass, accuracy: ");
        report.path("scorers")
                .properties()
                .forEach(scorer -> out.append(String.format(
                        Locale.ROOT,
                        "%s %.4f, ",
                        scorer.getKey(),
                        scorer.getValue().path("accuracy").asDouble())));
        out.append("published:");
        report.path("published_accuracy")
                .properties()
                .forEach(each -> out.append(String.format(
                        Locale.ROOT, " %s %.4f,", each.getKey(), each.getValue().asDouble())));
        out.setCharAt(out.length() - 1, '.');
        return out.append('\n').toString();
    }
}
