package io.livepredict.deploy.connect;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.health.AbstractState;
import org.apache.kafka.connect.health.ConnectorHealth;
import org.apache.kafka.connect.health.TaskState;

/**
 * A connector as it was seen at one moment.
 *
 * @param connector its name
 * @param states how many of its parts, the connector itself and its tasks, are in each state, such as RUNNING
 * @param failed the parts that failed: "the connector" or "task N"
 * @param cause why the first of them failed, in one line; empty if none did
 */
record ConnectorLook(String connector, Map<String, Integer> states, List<String> failed, String cause) {
    private static final String FAILED = "FAILED";
    private static final String CAUSED_BY = "Caused by: ";
    private static final int LONGEST_CAUSE = 300;

    static ConnectorLook at(ConnectorHealth health) {
        Map<String, Integer> states = new TreeMap<>();
        List<String> failed = new ArrayList<>();
        List<String> traces = new ArrayList<>();
        note("the connector", health.connectorState(), states, failed, traces);
        for (Map.Entry<Integer, TaskState> task : new TreeMap<>(health.tasksState()).entrySet()) {
            note("task " + task.getKey(), task.getValue(), states, failed, traces);
        }
        return new ConnectorLook(health.name(), states, failed, traces.isEmpty() ? "" : cause(traces.getFirst()));
    }

    private static void note(
            String part, AbstractState state, Map<String, Integer> states, List<String> failed, List<String> traces) {
        states.merge(state.state(), 1, Integer::sum);
        if (state.state().equals(FAILED)) {
            failed.add(part);
            traces.add(state.traceMessage() == null ? "" : state.traceMessage());
        }
    }

    /** The root cause of a stack trace: its last "Caused by", or else its first line. */
    static String cause(String trace) {
        List<String> lines = trace.lines().toList();
        String said = lines.reversed().stream()
                .map(String::strip)
                .filter(line -> line.startsWith(CAUSED_BY))
                .map(line -> line.substring(CAUSED_BY.length()))
                .findFirst()
                .orElse(lines.isEmpty() ? "no reason given" : lines.getFirst());
        return said.length() <= LONGEST_CAUSE ? said : said.substring(0, LONGEST_CAUSE) + "…";
    }
}
