package io.livepredict.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelManifestBuilder;
import io.livepredict.deploy.report.ReportRequest.Latency;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningLagTest {
    @Test
    void shouldCountFromTheEmissionToTheFirstPredictionByAnyVersionThatHadLearnedTheExample() {
        LearningLag lag = new LearningLag();
        lag.predicted(Kind.VIEWER, 1, 1_000);
        lag.predicted(Kind.VIEWER, 3, 3_000);
        lag.predicted(Kind.VIEWER, 1, 5_000); // rolled back to
        lag.predicted(Kind.PLAYER, 2, 10);
        lag.published(Kind.VIEWER, manifest(1, 10));
        lag.published(Kind.VIEWER, manifest(2, 20)); // never served
        lag.published(Kind.VIEWER, manifest(3, 30));
        assertThat(lag.latency()).isNull();

        lag.emitted(Kind.VIEWER, 0, 15, 1_000); // learned by version 2, served by version 3
        lag.emitted(Kind.VIEWER, 0, 30, 1_000); // not learned by any
        lag.emitted(Kind.VIEWER, 1, 3, 1_000); // of another partition
        lag.emitted(Kind.PLAYER, 0, 3, 1_000); // of another kind
        Latency only = Objects.requireNonNull(lag.latency());
        assertThat(only.p50Millis()).isCloseTo(2_000, within(40.0));
        assertThat(only.p99Millis()).isEqualTo(only.p50Millis());

        lag.emitted(Kind.VIEWER, 0, 9, 400);
        lag.emitted(Kind.VIEWER, 0, 0, 400);
        Latency all = Objects.requireNonNull(lag.latency());
        assertThat(all.p50Millis()).isCloseTo(600, within(12.0));
        assertThat(all.p99Millis()).isCloseTo(2_000, within(40.0));
    }

    @Test
    void shouldAgreeWithASearchThroughAllVersionsInWhateverOrderTheyServed() {
        Random random = new Random(7);
        for (int trial = 0; trial < 500; trial++) {
            long[] scored = random.longs(8, 1_000, 9_000).toArray();
            long[] next = random.longs(8, 0, 50).sorted().toArray();
            LearningLag lag = new LearningLag();
            for (int version = 0; version < scored.length; version++) {
                lag.predicted(Kind.VIEWER, version, scored[version]);
            }
            for (int version = 0; version < scored.length; version++) {
                lag.published(Kind.VIEWER, manifest(version, next[version]));
            }
            long offset = random.nextInt(50);
            lag.emitted(Kind.VIEWER, 0, offset, 500);
            var first = IntStream.range(0, scored.length)
                    .filter(version -> next[version] > offset)
                    .mapToLong(version -> scored[version])
                    .min();
            if (first.isEmpty()) {
                assertThat(lag.latency()).isNull();
            } else {
                double wanted = first.getAsLong() - 500;
                assertThat(Objects.requireNonNull(lag.latency()).p50Millis()).isCloseTo(wanted, within(wanted * 0.02));
            }
        }
    }

    /** Of a version that has learned all examples of partition 0 below that offset. */
    private static ModelManifest manifest(long version, long next) {
        return ModelManifestBuilder.builder()
                .format(ModelManifest.FORMAT)
                .name("viewer")
                .version(version)
                .parentVersion(0)
                .createdAt("2026-01-01T00:00:00Z")
                .family("logistic")
                .dense(List.of())
                .eventTypes(List.of())
                .sequenceLength(0)
                .sequenceDefinition("")
                .ids(List.of())
                .targets(List.of())
                .bytes(0)
                .chunks(0)
                .sha256("")
                .trainingOffsets(Map.of(0, next))
                .examples(0)
                .lastExampleEmittedAt(0)
                .metrics(Map.of())
                .gitCommit("")
                .configurationHash("")
                .golden(List.of())
                .build();
    }
}
