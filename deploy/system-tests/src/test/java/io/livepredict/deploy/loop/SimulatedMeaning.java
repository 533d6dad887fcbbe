package io.livepredict.deploy.loop;

import io.livepredict.contract.Target;
import io.livepredict.deploy.simulator.SimulatedEvent;
import io.livepredict.deploy.simulator.SimulatedPlatform;
import io.livepredict.deploy.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Kinds, targets and events of the simulated platform. */
final class SimulatedMeaning {
    private SimulatedMeaning() {}

    /** The configuration's kinds and targets, as deploy/local has them. */
    static String yaml() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                SimulatedMeaning.class.getResourceAsStream("/io/livepredict/deploy/local/platform.yaml"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The same, and looks at those who are silent, from which something is learned. */
    static String withLooks() throws IOException {
        return yaml().replace("  viewer:\n", "  viewer:\n    looks: [3s, 20s]\n")
                        .replace("  player:\n", "  player:\n    looks: [7s]\n")
                + """
                  - {name: leave-look, kind: viewer, any-of: [LEAVE], within: 20s, at-most-every: 0s,
                     predict-on: [LOOK], snapshot-on: [LOOK]}
                  - {name: quit-look, kind: player, any-of: [LOGOUT], within: 20s, at-most-every: 0s,
                     predict-on: [LOGIN, LOOK], snapshot-on: [LOOK]}
                """;
    }

    /** All events of so many seconds, in the order in which they are sent. */
    static List<SimulatedEvent> events(
            long seed, long startMillis, int seconds, double eventsPerSecond, List<Target> targets) {
        SimulatedPlatform platform =
                new SimulatedPlatform(SimulatorSettings.of(seed, startMillis, eventsPerSecond, null, targets));
        List<SimulatedEvent> events = new ArrayList<>();
        for (SimulatedEvent event = platform.next();
                event.sentMillis() < startMillis + seconds * 1000L;
                event = platform.next()) {
            events.add(event);
        }
        return events;
    }
}
