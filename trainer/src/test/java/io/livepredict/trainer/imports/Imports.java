package io.livepredict.trainer.imports;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.wiring.TrialProcess;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** An installation that models are brought to: features, targets, and rows that were seen. */
final class Imports {
    static final ImportMapping NOTHING_SAID = new ImportMapping(Map.of(), Map.of(), false);
    static final String[] COUNTRIES = {"de", "fr", "us", "it"};
    private static final int COUNTRY_BUCKETS = 1024;

    private Imports() {}

    static Target target(String name, boolean binary) {
        return TargetBuilder.builder()
                .name(name)
                .kind(Kind.VIEWER)
                .outcome(binary ? Target.Outcome.ANY_OF : Target.Outcome.SUM_OF)
                .eventTypes(Set.of("GIFT"))
                .number(binary ? null : "value")
                .within(Duration.ofSeconds(30))
                .scope(Target.Scope.SAME_CONTEXT)
                .predictOn(Set.of("CHAT"))
                .snapshotOn(Set.of("CHAT"))
                .atMostEvery(Duration.ZERO)
                .prior(0.1)
                .build();
    }

    /** Dense features of these names, and the ids of a viewer. */
    static FeatureSchema schema(String... dense) {
        return new FeatureSchema(
                Kind.VIEWER,
                Stream.of(dense)
                        .map(name -> new DenseFeature(name, name, Scale.PLAIN, "of " + name))
                        .toList(),
                List.of("CHAT", "GIFT"),
                4,
                "the last four",
                List.of(
                        new IdFeature("id.context", "which room", 64, "of context"),
                        new IdFeature("id.country", "which country", COUNTRY_BUCKETS, "of country"),
                        new IdFeature("id.hour-of-week", "hour", 169, "of hour")));
    }

    /** Counts, durations and shares in turns, at random; the first of them is often 0. */
    static ExampleBatch rows(FeatureSchema schema, int count) {
        Random random = new Random(1);
        ExampleBatch rows = new ExampleBatch(count, schema, 1);
        rows.size = count;
        for (int r = 0; r < count; r++) {
            for (int c = 0; c < rows.denseWidth; c++) {
                rows.dense[r * rows.denseWidth + c] = (float)
                        switch (c % 3) {
                            case 0 -> random.nextInt(6);
                            case 1 -> Math.exp(random.nextGaussian() + 4);
                            default -> random.nextDouble();
                        };
            }
            rows.ids[r * 3] = 1 + random.nextInt(63);
            rows.ids[r * 3 + 1] = country(COUNTRIES[r % COUNTRIES.length]);
            rows.ids[r * 3 + 2] = 1 + random.nextInt(168);
            for (int s = 0; s < rows.sequenceLength; s++) {
                rows.sequenceTypes[r * rows.sequenceLength + s] = random.nextInt(3);
                rows.sequenceGaps[r * rows.sequenceLength + s] = random.nextFloat();
            }
        }
        return rows;
    }

    static int country(String text) {
        return Hashes.bucket(text, COUNTRY_BUCKETS);
    }

    static Path file(String name) {
        try {
            return Path.of(Objects.requireNonNull(Imports.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    static ChildModelRunner child(Duration time, long megabytes) {
        return new ChildModelRunner(TrialProcess.class, new ChildModelRunner.Limits(time, megabytes));
    }
}
