package io.livepredict.deploy.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Says whether a run of the simulated platform did what it must: every prediction once, every label once, a learned model
 * in service for every kind, and better scores than the base rate's for some target.
 */
@Command(
        name = "deploy/check-report",
        mixinStandardHelpOptions = true,
        description = "Checks the report of a deploy/local run of the simulated platform.",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:the run did what it must", "1:it did not; each line says what", "2:wrong usage, or no report"
        })
public final class CheckReport implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The report, as deploy/local --report writes it.")
    private Path file = Path.of("");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private CheckReport() {}

    /** Takes the report's file as its only argument. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new CheckReport()).execute(arguments));
    }

    @Override
    public Integer call() {
        List<String> faults;
        try {
            faults = faults(new ObjectMapper().readTree(file.toFile()));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + " can't be read: " + e.getMessage(), e);
        }
        faults.forEach(System.err::println);
        System.out.println(file + (faults.isEmpty() ? " is as it must be" : " is not as it must be"));
        return faults.isEmpty() ? 0 : 1;
    }

    /** What is wrong, one line each. */
    static List<String> faults(JsonNode report) {
        List<String> faults = new ArrayList<>();
        if (report.at("/events/valid").isNumber() && report.at("/events/valid").asLong() == 0) {
            String hint = report.at("/log/hint").asText();
            return List.of(
                    "nothing could be used: of " + report.at("/events/read") + " events none was valid, dead letters "
                            + report.at("/events/dead_lettered") + (hint.isEmpty() ? "" : "; " + hint));
        }
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
        long withheld = 0;
        for (JsonNode each : report.at("/predictions_check/withheld")) {
            withheld += each.asLong();
        }
        if (report.at("/predictions").asLong() + withheld
                != report.at("/predictions_check/expected").asLong()) {
            faults.add("/predictions is " + report.at("/predictions") + ", withheld are " + withheld + ", expected are "
                    + report.at("/predictions_check/expected"));
        }
        if (report.at("/rows/predictions").isNumber()
                && report.at("/rows/predictions").asLong()
                        != report.at("/predictions").asLong()) {
            faults.add("/rows/predictions is " + report.at("/rows/predictions") + ", /predictions is "
                    + report.at("/predictions"));
        }
        report.path("alerts").properties().forEach(alert -> {
            for (String none : List.of("doubled", "cleared_without_raise")) {
                if (alert.getValue().path(none).asLong() != 0) {
                    faults.add("/alerts/" + alert.getKey() + '/' + none + " must be 0, is "
                            + alert.getValue().path(none));
                }
            }
        });
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
