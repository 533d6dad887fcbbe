package io.livepredict.deploy.local;

import io.livepredict.contract.Kind;
import io.livepredict.deploy.report.ReportRequest.Latency;
import io.livepredict.streams.wiring.StreamsApp;
import java.time.Duration;
import java.util.EnumMap;
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

    StatusLine(LiveMonitor monitor, StreamsApp app, LongSupplier nanoClock) {
        this.monitor = monitor;
        this.app = app;
        this.nanoClock = nanoClock;
        this.lastNanos = nanoClock.getAsLong();
    }

    /**
     * Rates since the last call, active versions, and per target the recent log-loss served, that of the base rate, and
     * the oracle's.
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
        StringBuilder losses = new StringBuilder();
        boolean[] oracle = {false};
        monitor.losses().forEach((target, loss) -> {
            if (loss.n() > 0) {
                losses.append(String.format(Locale.ROOT, "  %s %.3f (%.3f", target, loss.served(), loss.base()));
                if (!Double.isNaN(loss.oracle())) {
                    losses.append(String.format(Locale.ROOT, ", %.3f", loss.oracle()));
                    oracle[0] = true;
                }
                losses.append(')');
            }
        });
        if (!losses.isEmpty()) {
            line.append(" · log-loss (base")
                    .append(oracle[0] ? ", oracle)" : ")")
                    .append(losses);
        }
        lastNanos = now;
        lastSent = sent;
        lastPredictions = predictions;
        return line.toString();
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
