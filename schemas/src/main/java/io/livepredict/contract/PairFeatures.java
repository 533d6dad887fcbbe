package io.livepredict.contract;

import java.util.List;
import java.util.stream.Collectors;

/**
 * The features of a pair: one entity and one room or match that it may choose. The streams app fills them, choice examples
 * carry them, rankers take them in this order. A changed meaning needs a changed definition.
 */
public final class PairFeatures {
    /** Of every pair, in vector order. "Arrivals" are choosing events of anybody, halved for each half-life that passed. */
    public static final List<DenseFeature> ALL = List.of(
            plain("room.arrivals.10m", "arrivals there lately, half-life 10 min", "ln(1 + decayed arrivals)"),
            plain("room.arrivals.1h", "arrivals there lately, half-life 1 h", "ln(1 + decayed arrivals)"),
            plain("room.arrivals.1d", "arrivals there lately, half-life 1 d", "ln(1 + decayed arrivals)"),
            plain("room.arrivals.7d", "arrivals there lately, half-life 7 d", "ln(1 + decayed arrivals)"),
            plain("room.quiet", "how long ago somebody came there", "-ln(1 + seconds since) / 5"),
            plain("new", "has not been there before", "1 or 0"),
            plain("new.arrivals.1h", "arrivals there, being new to it", "new * room.arrivals.1h"),
            plain("new.arrivals.1d", "arrivals there in a day, being new to it", "new * room.arrivals.1d"),
            plain("own.visits", "own visits there", "ln(1 + visits)"),
            plain("own.share", "share of own visits that went there", "visits / all remembered visits"),
            plain("own.recency", "how long ago it came there", "-ln(1 + seconds since) / 5, -4 for never"),
            plain("own.last", "came there last", "1 or 0"),
            plain("own.next", "went there the last time from where it came last", "1 or 0"),
            plain("own.here", "is there", "came and did not leave since: 1 or 0"),
            plain("own.here.just", "has just come there", "own.here * exp(-seconds since it came there / 60)"),
            plain("own.left", "how long ago it left", "-ln(1 + seconds since) / 5, -4 if it is there or never was"),
            plain(
                    "moves",
                    "others go there from where it came last",
                    "ln of the share of moves from there, each plus 1"),
            plain("soon.last", "has just come somewhere, there", "own.last * hurry, exp(-seconds since it came / 60)"),
            plain("soon.next", "has just come somewhere and went there then", "own.next * hurry"),
            plain("soon.moves", "has just come somewhere and others go there then", "moves * hurry"));

    /** Names the list: examples of another list are of no use. */
    public static final String ID =
            Hashes.definition(ALL.stream().map(DenseFeature::definition).collect(Collectors.joining("\n")));

    private PairFeatures() {}

    private static DenseFeature plain(String name, String words, String meaning) {
        return new DenseFeature(name, words, Scale.PLAIN, Hashes.definition(name + '\n' + meaning));
    }
}
