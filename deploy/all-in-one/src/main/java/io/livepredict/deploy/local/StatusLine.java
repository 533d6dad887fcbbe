package io.livepredict.deploy.local;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.report.ReportRequest.Latency;
import io.livepredict.streams.wiring.StreamsApp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/** The one line that says how a run goes. Not safe for use from several threads. */
final class StatusLine {
    private final LiveMonitor monitor;
    private final StreamsApp app;
    private final LongSupplier nanoClock;
    private long lastNanos;
    private long lastSent;
    private long lastPredictions;
    private int turn = -1;

    StatusLine(LiveMonitor monitor, StreamsApp app, LongSupplier nanoClock) {
        this.monitor = monitor;
        this.app = app;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
    }

    /**
     * Rates since the last call, active versions, and how well one target is served: the next one at each call, because all of
     * them do not fit into a line.
     *
     * @param sent events so far
     * @param progress of a replay, or a warning; may be empty
     */
    String words(long sent, String progress) {
        long now = nanoClock.getAsLong();
        double seconds = Math.max(0.001, (now - lastNanos) / 1e9);
        long predictions = monitor.predictions();
        StringBuilder line = new StringBuilder();
        line.append(String.format(
                Locale.ROOT,
                "%,.0f events/s · %,.0f predictions/s",
                (sent - lastSent) / seconds,
                (predictions - lastPredictions) / seconds));
        Latency latency = monitor.recentLatency();
        if (latency != null) {
            line.append(
                    String.format(Locale.ROOT, " · %.0f/%.0f ms p50/p99", latency.p50Millis(), latency.p99Millis()));
        }
        Map<Kind, Long> versions = new EnumMap<>(Kind.class);
        versions.putAll(app.activeVersions());
        versions.forEach((kind, version) ->
                line.append(" · ").append(kind.id()).append(' ').append(version == 0 ? "prior" : "v" + version));
        if (!progress.isEmpty()) {
            line.append(" · ").append(progress);
        }
        List<String> losses = losses();
        if (!losses.isEmpty()) {
            turn = (turn + 1) % losses.size();
            line.append(" · ").append(losses.get(turn));
        }
        lastNanos = now;
        lastSent = sent;
        lastPredictions = predictions;
        return line.toString();
    }

    /** By target that has labels: the recent log-loss served, that of the base rate, and the oracle's. */
    private List<String> losses() {
        List<String> losses = new ArrayList<>();
        monitor.losses().forEach((target, loss) -> {
            if (loss.n() > 0) {
                losses.add(String.format(
                        Locale.ROOT,
                        "%s log-loss %.3f (base %.3f%s)",
                        target,
                        loss.served(),
                        loss.base(),
                        Double.isNaN(loss.oracle()) ? "" : String.format(Locale.ROOT, ", oracle %.3f", loss.oracle())));
            }
        });
        List<String> numbered = new ArrayList<>();
        for (int i = 0; i < losses.size(); i++) {
            numbered.add("target " + (i + 1) + " of " + losses.size() + ": " + losses.get(i));
        }
        return numbered;
    }

    /** A time for a person: 45 s, 3 min 5 s, 2 h 10 min. */
    static String words(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 60) {
            return seconds + " s";
        }
        return seconds < 3600
                ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds / 3600 + " h " + seconds % 3600 / 60 + " min";
    }
}
