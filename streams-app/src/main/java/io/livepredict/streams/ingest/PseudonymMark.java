package io.livepredict.streams.ingest;

import io.livepredict.contract.DurationFormat;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * With which keys ids are made pseudonyms, without the keys: what one start leaves for the next, and one instance for the
 * others, so that another key is noticed before it makes everybody somebody new.
 */
public record PseudonymMark(List<Epoch> epochs) {
    private static final String BETWEEN = ";";
    private static final String OF = "=";
    private static final String ALWAYS = "-";

    /**
     * A key.
     *
     * @param from event time from which on it counts, {@link Instant#MIN} for the first
     * @param fingerprint tells it from other keys, and nothing else of it
     */
    public record Epoch(Instant from, String fingerprint) {
        private String text() {
            return (from.equals(Instant.MIN) ? ALWAYS : from) + OF + fingerprint;
        }

        private static Epoch read(String text) {
            int at = text.indexOf(OF);
            String from = text.substring(0, at);
            return new Epoch(from.equals(ALWAYS) ? Instant.MIN : Instant.parse(from), text.substring(at + 1));
        }
    }

    /** What two marks say of each other: why not to go on, and what to know. */
    public record Difference(Optional<String> refusal, List<String> hints) {}

    public PseudonymMark {
        epochs = List.copyOf(epochs);
    }

    /** As one line; a moment and a fingerprint for each key. */
    public String text() {
        return epochs.stream().map(Epoch::text).collect(Collectors.joining(BETWEEN));
    }

    /** Reads such a line; empty where it is none. */
    public static Optional<PseudonymMark> read(String text) {
        List<Epoch> epochs = new ArrayList<>();
        try {
            for (String each : text.split(BETWEEN, -1)) {
                epochs.add(Epoch.read(each));
            }
        } catch (DateTimeException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
        return Optional.of(new PseudonymMark(epochs));
    }

    private Epoch at(Instant time) {
        Epoch counts = epochs.getFirst();
        for (Epoch epoch : epochs) {
            counts = epoch.from().isAfter(time) ? counts : epoch;
        }
        return counts;
    }

    private boolean has(String fingerprint) {
        return epochs.stream().anyMatch(epoch -> epoch.fingerprint().equals(fingerprint));
    }

    /**
     * What changes when these keys follow those of a former mark. Keys from later on may come and go, and so may those whose
     * pseudonyms have expired; the one that counts now must stay.
     *
     * @param retention how long state is kept of somebody who is silent
     */
    public Difference after(PseudonymMark before, Instant now, Duration retention) {
        Epoch own = at(now);
        if (!own.fingerprint().equals(before.at(now).fingerprint())) {
            boolean begun = !own.from().equals(Instant.MIN)
                    && before.epochs.stream().noneMatch(epoch -> epoch.from().equals(own.from()));
            return new Difference(
                    Optional.of(
                            begun
                                    ? "the epoch from " + own.from()
                                            + " is new and has begun already: events since then have"
                                            + " pseudonyms of the former key; let from lie ahead"
                                    : "the key that counts now (fingerprint " + own.fingerprint()
                                            + ") is another one than that"
                                            + " of before or of another instance ("
                                            + before.at(now).fingerprint()
                                            + "): everybody would be somebody new, and nobody would be found under"
                                            + " the former pseudonyms; put the former key file back, and a new key into"
                                            + " pseudonyms.epochs"),
                    List.of());
        }
        return new Difference(Optional.empty(), missing(before, now, retention));
    }

    private List<String> missing(PseudonymMark before, Instant now, Duration retention) {
        List<String> hints = new ArrayList<>();
        TreeSet<Instant> starts =
                before.epochs.stream().map(Epoch::from).collect(Collectors.toCollection(TreeSet::new));
        for (Epoch epoch : before.epochs) {
            Instant end = starts.higher(epoch.from());
            if (end != null && !end.isAfter(now) && end.plus(retention).isAfter(now) && !has(epoch.fingerprint())) {
                hints.add("pseudonyms: the key of events until " + end + " (fingerprint " + epoch.fingerprint()
                        + ") is not configured any more. State may be under its pseudonyms for "
                        + DurationFormat.format(retention) + " after that, and neither pseudonym nor erase finds it:"
                        + " leave the key in pseudonyms until " + end.plus(retention));
            }
        }
        return hints;
    }
}
