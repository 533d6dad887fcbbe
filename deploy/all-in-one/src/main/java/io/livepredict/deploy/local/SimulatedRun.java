package io.livepredict.deploy.local;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * From what and when a simulated platform was made: kept beside the data, so that a later start goes on with the same viewers
 * and players where they are by then. What they did meanwhile was not recorded, as with a platform whose events were not sent.
 *
 * @param seed of everything that is drawn
 * @param rate events per second
 * @param driftAt when behaviour changes, as a duration after the start; null for never
 * @param startMillis time of the platform's first second
 */
record SimulatedRun(long seed, double rate, @Nullable String driftAt, long startMillis) {
    /** Living through it again takes about a minute a day at 1,000 events per second; older platforms begin anew. */
    static final Duration OLDEST = Duration.ofHours(12);

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /**
     * The run that the options ask for: the one that was kept if it was made from the same and is not too old, otherwise one that
     * begins now, which is kept from here on.
     */
    static SimulatedRun resume(LocalOptions options, Path kept, long nowMillis) {
        SimulatedRun asked = new SimulatedRun(
                options.seed, options.rate, options.driftAt == null ? null : options.driftAt.toString(), nowMillis);
        SimulatedRun before = read(kept);
        if (before != null && before.isGoneOnBy(asked)) {
            return before;
        }
        try {
            Files.writeString(kept, JSON.writeValueAsString(asked));
        } catch (IOException e) {
            throw new StartException(kept + " can't be written: " + e.getMessage(), e);
        }
        return asked;
    }

    private boolean isGoneOnBy(SimulatedRun asked) {
        long age = asked.startMillis - startMillis;
        return seed == asked.seed
                && rate == asked.rate
                && Objects.equals(driftAt, asked.driftAt)
                && age >= 0
                && age <= OLDEST.toMillis();
    }

    private static @Nullable SimulatedRun read(Path kept) {
        if (!Files.exists(kept)) {
            return null;
        }
        try {
            return JSON.readValue(Files.readString(kept), SimulatedRun.class);
        } catch (JsonProcessingException e) {
            return null; // of another build: the platform begins anew
        } catch (IOException e) {
            throw new StartException(kept + " can't be read: " + e.getMessage(), e);
        }
    }
}
