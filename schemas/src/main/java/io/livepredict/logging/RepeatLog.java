package io.livepredict.logging;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Says a thing at once the first time it happens, counts how often it happens again, and sums that up once a minute. What
 * has not happened for a minute is said at once again. For what may come thousands of times a second, such as refusals, and
 * for what comes once a second for ever, such as activations. Safe for use from several threads.
 */
public final class RepeatLog {
    private static final Duration PERIOD = Duration.ofMinutes(1);
    /** So many different subjects are kept apart; further ones are counted as one. */
    private static final int MOST_THINGS = 100;

    private static final String OTHERS = "\0others";

    private final Consumer<String> log;
    private final InstantSource clock;
    private final Map<String, Repeats> byThing = new LinkedHashMap<>();

    private static final class Repeats {
        Instant since;
        long count;
        String last = "";

        Repeats(Instant since) {
            this.since = since;
        }
    }

    /**
     * @param log where lines go, for instance {@code LOG::warn}
     * @param clock the present
     */
    public RepeatLog(Consumer<String> log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /**
     * It happened: logs the line if it is the first of its kind, otherwise counts it.
     *
     * @param thing which things are the same; made of what is known here, never of what a stranger wrote
     * @param line what to say
     */
    public synchronized void say(String thing, String line) {
        sumUp();
        String key = byThing.containsKey(thing) || byThing.size() < MOST_THINGS ? thing : OTHERS;
        Repeats repeats = byThing.get(key);
        if (repeats == null) {
            byThing.put(key, new Repeats(clock.instant()));
            log.accept(line);
        } else {
            repeats.count++;
            repeats.last = line;
        }
    }

    /** Logs the sums whose minute is over. To be called every second or so, also while nothing happens. */
    public synchronized void sumUp() {
        Instant now = clock.instant();
        for (Iterator<Repeats> each = byThing.values().iterator(); each.hasNext(); ) {
            Repeats repeats = each.next();
            Duration passed = Duration.between(repeats.since, now);
            if (passed.compareTo(PERIOD) < 0) {
                continue;
            }
            if (repeats.count == 0) {
                each.remove();
                continue;
            }
            log.accept(repeats.last + " (" + repeats.count + (repeats.count == 1 ? " time" : " times") + " more in "
                    + passed.toSeconds() + " s)");
            repeats.since = now;
            repeats.count = 0;
        }
    }
}
