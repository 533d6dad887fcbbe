package io.livepredict.deploy.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordedThread;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Where the samples of a flight recording found stream threads: in which step of the flow, and at what. */
final class StreamThreadSamples {
    /** A step of the flow. */
    enum Step {
        INGEST("ingest", ".ingest.", ".mapping."),
        ACTIVITY("activity", ".activity.", ".looks.", ".context."),
        SCORE("score", ".score."),
        OUTCOME("outcome", ".outcome.", ".output.", ".outlook."),
        REST("Kafka Streams' loop and commits");

        final String words;
        private final List<String> packages;

        Step(String words, String... packages) {
            this.words = words;
            this.packages = List.of(packages);
        }
    }

    /** What a step was doing. */
    enum Part {
        OWN("own code"),
        ROCKSDB("RocksDB", "org.rocksdb."),
        CHANGELOG("changelog"),
        PRODUCER("producer", "org.apache.kafka.clients.producer."),
        AVRO("Avro", "org.apache.avro.", "io.livepredict.avro.", "io.livepredict.serde."),
        MODEL("model", "ai.onnxruntime."),
        CONSUMER("consumer", "org.apache.kafka.clients."),
        STREAMS("Kafka Streams", "org.apache.kafka.streams.");

        final String words;
        private final List<String> packages;

        Part(String words, String... packages) {
            this.words = words;
            this.packages = List.of(packages);
        }
    }

    private static final String OURS = "io.livepredict.streams";

    /** Where a stack stands. */
    record Place(Step step, Part part) {
        /** That of a stack with frames of these classes, the innermost first. */
        static Place of(List<String> classes) {
            Step step = Step.REST;
            @Nullable Part part = null;
            boolean changelog = false;
            for (String each : classes) {
                part = part == null ? part(each) : part;
                changelog |= each.contains(".ChangeLogging");
                if (each.startsWith(OURS)) {
                    step = step(each);
                    if (step != Step.REST) {
                        break;
                    }
                }
            }
            if (part == null) {
                part = Part.STREAMS;
            }
            return new Place(step, part == Part.PRODUCER && changelog ? Part.CHANGELOG : part);
        }

        private static @Nullable Part part(String name) {
            for (Part part : Part.values()) {
                if (part.packages.stream().anyMatch(name::startsWith)) {
                    return part;
                }
            }
            return name.startsWith("io.livepredict.") ? Part.OWN : null;
        }

        private static Step step(String name) {
            for (Step step : Step.values()) {
                if (step.packages.stream().anyMatch(each -> name.startsWith(each, OURS.length()))) {
                    return step;
                }
            }
            return Step.REST;
        }
    }

    /** Events that say where the processor's time went, the best first. */
    private static final List<String> OF_TIME =
            List.of("jdk.CPUTimeSample", "jdk.ExecutionSample", "jdk.NativeMethodSample");

    private static final String OF_BYTES = "jdk.ObjectAllocationSample";

    private final Map<Step, Map<Part, Double>> time = new EnumMap<>(Step.class);
    private final Map<Step, Map<Part, Double>> bytes = new EnumMap<>(Step.class);

    /** Reads a recording's samples of that application's stream threads. */
    static StreamThreadSamples read(Path recording, String application) throws IOException {
        StreamThreadSamples samples = new StreamThreadSamples();
        try (RecordingFile file = new RecordingFile(recording)) {
            while (file.hasMoreEvents()) {
                samples.take(file.readEvent(), application);
            }
        }
        return samples;
    }

    private void take(RecordedEvent event, String application) {
        String type = event.getEventType().getName();
        RecordedStackTrace stack = event.getStackTrace();
        if (stack == null || (!OF_TIME.contains(type) && !type.equals(OF_BYTES))) {
            return;
        }
        RecordedThread thread =
                event.hasField("sampledThread") ? event.getThread("sampledThread") : event.getThread("eventThread");
        if (thread == null
                || thread.getJavaName() == null
                || ThreadCosts.Group.of(thread.getJavaName(), application) != ThreadCosts.Group.STREAM_THREAD) {
            return;
        }
        Place place = Place.of(stack.getFrames().stream()
                .filter(RecordedFrame::isJavaFrame)
                .map(frame -> frame.getMethod().getType().getName())
                .toList());
        boolean allocated = type.equals(OF_BYTES);
        (allocated ? bytes : time)
                .computeIfAbsent(place.step(), absent -> new HashMap<>())
                .merge(place.part(), allocated ? (double) event.getLong("weight") : 1.0, Double::sum);
    }

    /** The share of a step's part in all processor time. */
    double timeShare(Step step, Part part) {
        return share(time, step, part);
    }

    /** The share of a step's part in all that was allocated. */
    double bytesShare(Step step, Part part) {
        return share(bytes, step, part);
    }

    /** How many samples of time there are. */
    long size() {
        return Math.round(sum(time));
    }

    private static double share(Map<Step, Map<Part, Double>> of, Step step, Part part) {
        return of.getOrDefault(step, Map.of()).getOrDefault(part, 0.0) / Math.max(1, sum(of));
    }

    private static double sum(Map<Step, Map<Part, Double>> of) {
        return of.values().stream()
                .flatMap(parts -> parts.values().stream())
                .mapToDouble(Double::doubleValue)
                .sum();
    }
}
