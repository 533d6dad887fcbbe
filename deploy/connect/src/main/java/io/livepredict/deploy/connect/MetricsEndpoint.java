package io.livepredict.deploy.connect;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.PreMatching;
import jakarta.ws.rs.core.Response;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;

/**
 * {@code GET /metrics} of the worker in Prometheus' text format: {@link ConnectMetric}. What tasks did comes from Connect's
 * own MBeans, which know only the tasks of this worker.
 *
 * <p>A filter and not a resource, because Jersey warns in the log about a resource that is registered as an object.
 */
@PreMatching
final class MetricsEndpoint implements ContainerRequestFilter {
    private static final String PATH = "metrics";
    private static final String TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final Supplier<List<ConnectorLook>> looks;
    private final Map<String, AtomicLong> restarts = new ConcurrentHashMap<>();
    private final MBeanServer beans = ManagementFactory.getPlatformMBeanServer();

    MetricsEndpoint(Supplier<List<ConnectorLook>> looks) {
        this.looks = looks;
    }

    void countRestart(String connector) {
        restarts.computeIfAbsent(connector, key -> new AtomicLong()).incrementAndGet();
    }

    @Override
    public void filter(ContainerRequestContext request) {
        if (PATH.equals(request.getUriInfo().getPath()) && HttpMethod.GET.equals(request.getMethod())) {
            request.abortWith(Response.ok(metrics(), TEXT_FORMAT).build());
        }
    }

    private String metrics() {
        StringBuilder out = new StringBuilder(2048);
        out.append(ConnectMetric.PARTS.header());
        for (ConnectorLook look : looks.get()) {
            look.states().forEach((state, parts) -> line(out, ConnectMetric.PARTS, parts, look.connector(), state));
        }
        out.append(ConnectMetric.RESTARTS.header());
        for (ConnectorLook look : looks.get()) {
            AtomicLong count = restarts.get(look.connector());
            line(out, ConnectMetric.RESTARTS, count == null ? 0 : count.get(), look.connector());
        }
        ofTasks(out, ConnectMetric.RECORDS, "sink-task-metrics", "sink-record-send-total");
        ofTasks(out, ConnectMetric.DEAD_LETTERS, "task-error-metrics", "deadletterqueue-produce-requests");
        return out.toString();
    }

    private void ofTasks(StringBuilder out, ConnectMetric metric, String type, String attribute) {
        out.append(metric.header());
        for (ObjectName task :
                new TreeSet<>(beans.queryNames(named("kafka.connect:type=" + type + ",connector=*,task=*"), null))) {
            try {
                if (beans.getAttribute(task, attribute) instanceof Number number) {
                    line(
                            out,
                            metric,
                            number.doubleValue(),
                            unquoted(task.getKeyProperty("connector")),
                            unquoted(task.getKeyProperty("task")));
                }
            } catch (JMException e) {
                continue; // the task has just ended
            }
        }
    }

    private static ObjectName named(String pattern) {
        try {
            return new ObjectName(pattern);
        } catch (MalformedObjectNameException e) {
            throw new IllegalArgumentException(pattern, e);
        }
    }

    private static String unquoted(String value) {
        return value.startsWith("\"") ? ObjectName.unquote(value) : value;
    }

    private static void line(StringBuilder out, ConnectMetric metric, double value, String... labels) {
        out.append(metric.prometheusName());
        for (int i = 0; i < labels.length; i++) {
            out.append(i == 0 ? '{' : ',')
                    .append(metric.labels().get(i))
                    .append("=\"")
                    .append(labels[i]
                            .replace("\\", "\\\\")
                            .replace("\"", "\\\"")
                            .replace("\n", "\\n"))
                    .append('"');
        }
        out.append("} ").append(String.format(Locale.ROOT, "%.0f", value)).append('\n');
    }
}
