package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Says whether a run of the simulated platform did what it must: every prediction once, every label once, a learned model
 * in service for every kind, and better scores than the base rate's for some target. Exit code 0 if so.
 */
public final class CheckReport {
    private CheckReport() {}

    /** Takes the report's file as its only argument. */
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("usage: deploy/check-report FILE");
            System.exit(2);
        }
        List<String> faults;
        try {
            faults = faults(new ObjectMapper().readTree(Path.of(arguments[0]).toFile()));
        } catch (IOException e) {
            System.err.println(arguments[0] + " can't be read: " + e.getMessage());
            System.exit(2);
            return;
        }
        faults.forEach(System.err::println);
        System.out.println(arguments[0] + (faults.isEmpty() ? " is as it must be" : " is not as it must be"));
        System.exit(faults.isEmpty() ? 0 : 1);
    }

    /** What is wrong, one line each. */
    static List<String> faults(JsonNode report) {
        List<String> faults = new ArrayList<>();
        positive(report, "/events/read", faults);
        positive(report, "/predictions", faults);
        positive(report, "/models/published", faults);
        positive(report, "/models/activated", faults);
        for (String none : List.of(
                "/events/unaccounted",
                "/predictions_check/missing",
                "/predictions_check/doubled",
                "/predictions_check/of_no_valid_event",
                "/examples_doubled")) {
            if (!report.at(none).isNumber() || report.at(none).asLong() != 0) {
                faults.add(none + " must be 0, is " + report.at(none));
            }
        }
        if (report.at("/predictions").asLong()
                != report.at("/predictions_check/expected").asLong()) {
            faults.add("/predictions is " + report.at("/predictions") + ", expected are "
                    + report.at("/predictions_check/expected"));
        }
        if (report.has("incomplete")) {
            faults.add("incomplete: " + report.path("incomplete").asText());
        }
        report.at("/models/active_version").properties().forEach(kind -> {
            if (kind.getValue().asLong() < 1) {
                faults.add("no learned model serves " + kind.getKey());
            }
        });
        boolean[] better = {false};
        report.path("targets").properties().forEach(target -> {
            positive(target.getValue(), "/all/n", faults);
            JsonNode late = target.getValue().path("last_30_percent");
            better[0] |= late.path("log_loss").isNumber()
                    && late.path("log_loss").asDouble()
                            < late.path("base_rate_log_loss").asDouble();
        });
        if (!better[0]) {
            faults.add("no target's served log-loss is below its base rate's on the last 30 % of the examples");
        }
        return faults;
    }

    private static void positive(JsonNode report, String place, List<String> faults) {
        if (!report.at(place).isNumber() || report.at(place).asLong() < 1) {
            faults.add(place + " must be positive, is " + report.at(place));
        }
    }
}
