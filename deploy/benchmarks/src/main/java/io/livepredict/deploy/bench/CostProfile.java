package io.livepredict.deploy.bench;

import io.livepredict.cli.Table;
import io.livepredict.deploy.bench.StreamThreadSamples.Part;
import io.livepredict.deploy.bench.StreamThreadSamples.Step;
import io.livepredict.deploy.bench.ThreadCosts.Cost;
import io.livepredict.deploy.bench.ThreadCosts.Group;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleBiFunction;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import org.apache.kafka.streams.KafkaStreams;
import org.jspecify.annotations.Nullable;

/**
 * What one event costs: processor time and allocated bytes by group of threads, the stream thread's by step and by what it does
 * there, and what is written by topic. Costs of threads are counted; the stream thread's are divided by samples.
 */
final class CostProfile implements FlowRun.Watch, AutoCloseable {
    private final String application;
    private final Recording recording = new Recording();
    private @Nullable ThreadCosts begin;
    private Map<String, Written> writtenBefore = Map.of();
    private @Nullable ThreadCosts costs;
    private Map<String, Written> written = Map.of();
    private @Nullable StreamThreadSamples samples;

    /** What went to a topic. */
    private record Written(double records, double bytes) {
        Written minus(Written other) {
            return new Written(records - other.records, bytes - other.bytes);
        }

        Written plus(Written other) {
            return new Written(records + other.records, bytes + other.bytes);
        }
    }

    /** Of the run whose results go to that namespace. */
    CostProfile(String namespace) {
        application = BenchGround.applicationId(namespace);
        boolean sampled = FlightRecorder.getFlightRecorder().getEventTypes().stream()
                .anyMatch(type -> type.getName().equals("jdk.CPUTimeSample"));
        if (sampled) { // by processor time, native code included
            recording.enable("jdk.CPUTimeSample").with("throttle", "2ms");
        } else {
            recording.enable("jdk.ExecutionSample").with("period", "10 ms");
            recording.enable("jdk.NativeMethodSample").with("period", "10 ms");
        }
        recording.enable("jdk.ObjectAllocationSample").with("throttle", "500/s");
    }

    @Override
    public void begin(List<KafkaStreams> streams) {
        recording.start();
        writtenBefore = written(streams);
        begin = ThreadCosts.now(application);
    }

    @Override
    public void end(List<KafkaStreams> streams) {
        if (begin == null) {
            throw new IllegalStateException("the run never began");
        }
        costs = ThreadCosts.now(application).since(begin);
        Map<String, Written> now = new TreeMap<>(written(streams));
        now.replaceAll((topic, each) -> each.minus(writtenBefore.getOrDefault(topic, new Written(0, 0))));
        written = now;
        try {
            Path file = Files.createTempFile("livepredict-bench", ".jfr");
            try {
                recording.stop();
                recording.dump(file);
                samples = StreamThreadSamples.read(file, application);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** By the last part of a topic's name, both kinds together. */
    private Map<String, Written> written(List<KafkaStreams> streams) {
        Map<String, Written> all = new LinkedHashMap<>();
        for (KafkaStreams each : streams) {
            each.metrics().forEach((name, metric) -> {
                String topic = name.tags().get("topic");
                if (topic != null && name.group().equals("producer-topic-metrics")) {
                    double value = ((Number) metric.metricValue()).doubleValue();
                    switch (name.name()) {
                        case "record-send-total" -> all.merge(shortName(topic), new Written(value, 0), Written::plus);
                        case "byte-total" -> all.merge(shortName(topic), new Written(0, value), Written::plus);
                        default -> {}
                    }
                }
            });
        }
        return all;
    }

    private String shortName(String topic) {
        String rest = topic.startsWith(application) ? topic.substring(application.length() + 1) : topic;
        return rest.substring(rest.lastIndexOf('.') + 1)
                .replaceFirst("^(viewer|player)-", "")
                .replaceFirst("-changelog$", " (changelog)");
    }

    /** The tables, per event. */
    String tables(double events) {
        if (costs == null || samples == null) {
            throw new IllegalStateException("the run never ended");
        }
        return threads(costs, events)
                + '\n'
                + steps(costs.of(Group.STREAM_THREAD), samples, events)
                + '\n'
                + topics(events);
    }

    private static String threads(ThreadCosts costs, double events) {
        Table table = new Table("threads, per event", "processor, µs", "allocated, bytes");
        for (Group group : Group.values()) {
            row(table, group.words, costs.of(group), events);
        }
        row(table, "all", costs.all(), events);
        return table.markdown();
    }

    private static void row(Table table, String name, Cost cost, double events) {
        table.row(name, figure(cost.nanos() / 1e3 / events, 2), figure(cost.bytes() / events, 0));
    }

    private static String steps(Cost all, StreamThreadSamples samples, double events) {
        return String.format(Locale.ROOT, "The stream thread's, by %,d samples.%n%n", samples.size())
                + matrix("µs per event", 2, (step, part) -> samples.timeShare(step, part) * all.nanos() / 1e3 / events)
                + '\n'
                + matrix("bytes per event", 0, (step, part) -> samples.bytesShare(step, part) * all.bytes() / events);
    }

    private static String matrix(String title, int digits, ToDoubleBiFunction<Step, Part> figures) {
        Table table = new Table(Stream.concat(
                        Stream.of(title),
                        Stream.concat(Arrays.stream(Part.values()).map(part -> part.words), Stream.of("all")))
                .toList());
        for (Step step : Step.values()) {
            row(table, step.words, digits, part -> figures.applyAsDouble(step, part));
        }
        row(
                table,
                "all",
                digits,
                part -> Arrays.stream(Step.values())
                        .mapToDouble(step -> figures.applyAsDouble(step, part))
                        .sum());
        return table.markdown();
    }

    private static void row(Table table, String name, int digits, ToDoubleFunction<Part> figures) {
        List<String> cells = new ArrayList<>(List.of(name));
        double sum = 0;
        for (Part part : Part.values()) {
            double value = figures.applyAsDouble(part);
            sum += value;
            cells.add(figure(value, digits));
        }
        cells.add(figure(sum, digits));
        table.row(cells);
    }

    private String topics(double events) {
        Table table = new Table("written, per event", "records", "bytes");
        Written all = new Written(0, 0);
        for (Map.Entry<String, Written> each : written.entrySet()) {
            if (each.getValue().records() > 0) {
                table.row(
                        each.getKey(),
                        figure(each.getValue().records() / events, 3),
                        figure(each.getValue().bytes() / events, 1));
                all = all.plus(each.getValue());
            }
        }
        table.row("all", figure(all.records() / events, 3), figure(all.bytes() / events, 1));
        return table.markdown();
    }

    private static String figure(double value, int digits) {
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    @Override
    public void close() {
        recording.close();
    }
}
