package io.livepredict.streams.outcome;

import io.livepredict.streams.score.ModelIdentity;
import io.livepredict.streams.score.Reason;
import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What was last said of one entity, as it lies in the store: the last score for each target, and where the entity was last.
 *
 * @param latestMillis time of the newest event
 * @param latestContext its room or match, empty for none
 * @param rows the events whose scores are the last for some target, the newest first
 */
public record LastScores(long latestMillis, String latestContext, List<Row> rows) {
    private static final int LAYOUT = 1;

    /** Of an entity of which nothing was said. */
    static final LastScores NONE = new LastScores(Long.MIN_VALUE, "", List.of());

    public LastScores {
        rows = List.copyOf(rows);
    }

    /**
     * The scores of one event.
     *
     * @param moment which event it was
     * @param model the model that scored, whichever targets it has heads for
     * @param scores by target, never empty
     */
    public record Row(Moment moment, ModelIdentity model, List<TargetScore> scores) {
        public Row {
            scores = List.copyOf(scores);
        }
    }

    /**
     * When something was scored.
     *
     * @param asOfMillis the moment that the features speak of
     * @param scoredAtMillis wall clock
     */
    public record Moment(String contextId, String eventId, String eventType, long asOfMillis, long scoredAtMillis) {}

    /**
     * One target's score.
     *
     * @param byPrior whether its prior was served although a model was active
     * @param reasons null where none were computed
     */
    public record TargetScore(
            String target,
            float score,
            boolean byPrior,
            @Nullable List<Reason> reasons) {}

    /** The same after an event that was not scored. */
    LastScores after(long timeMillis, String contextId) {
        return timeMillis < latestMillis ? this : new LastScores(timeMillis, contextId, rows);
    }

    /** The same after an event with these scores, which are the last for their targets. */
    LastScores after(Row row) {
        Set<String> replaced = row.scores.stream().map(TargetScore::target).collect(Collectors.toSet());
        List<Row> next = new ArrayList<>();
        next.add(row);
        for (Row before : rows) {
            List<TargetScore> left = before.scores.stream()
                    .filter(score -> !replaced.contains(score.target))
                    .toList();
            if (!left.isEmpty()) {
                next.add(new Row(before.moment, before.model, left));
            }
        }
        return new LastScores(latestMillis, latestContext, next);
    }

    byte[] write(StateWriter out) {
        out.reset();
        out.writeByte(LAYOUT);
        out.writeSigned(latestMillis);
        out.writeString(latestContext);
        out.writeVarint(rows.size());
        for (Row row : rows) {
            out.writeString(row.moment.contextId);
            out.writeString(row.moment.eventId);
            out.writeString(row.moment.eventType);
            out.writeSigned(row.moment.asOfMillis);
            out.writeSigned(row.moment.scoredAtMillis);
            out.writeString(row.model.name());
            out.writeVarint(row.model.version());
            byte[] sha = HexFormat.of().parseHex(row.model.sha256());
            out.writeByte(sha.length);
            out.writeBytes(sha, 0, sha.length);
            out.writeVarint(row.scores.size());
            row.scores.forEach(score -> write(out, score));
        }
        return out.toBytes();
    }

    private static void write(StateWriter out, TargetScore score) {
        out.writeString(score.target);
        out.writeFloat(score.score);
        out.writeByte(score.byPrior ? 1 : 0);
        List<Reason> reasons = score.reasons;
        out.writeVarint(reasons == null ? 0 : 1 + reasons.size());
        if (reasons != null) {
            for (Reason reason : reasons) {
                out.writeString(reason.words());
                out.writeDouble(reason.contribution());
            }
        }
    }

    /** Time of the newest event of a stored value; empty where it has another layout or can't be read. */
    static Optional<Long> latestMillis(byte[] value) {
        StateReader in = new StateReader();
        in.reset(value);
        try {
            return in.readByte() == LAYOUT ? Optional.of(in.readSigned()) : Optional.empty();
        } catch (IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** What was stored; empty where it has another layout or can't be read. */
    public static Optional<LastScores> read(byte[] value) {
        StateReader in = new StateReader();
        in.reset(value);
        try {
            return in.readByte() == LAYOUT ? Optional.of(read(in)) : Optional.empty();
        } catch (IndexOutOfBoundsException e) {
            return Optional.empty(); // not what this class wrote
        }
    }

    private static LastScores read(StateReader in) {
        long latest = in.readSigned();
        String context = in.readString();
        List<Row> rows = new ArrayList<>();
        for (int i = in.readCount(); i > 0; i--) {
            Moment moment =
                    new Moment(in.readString(), in.readString(), in.readString(), in.readSigned(), in.readSigned());
            String name = in.readString();
            long version = in.readVarint();
            byte[] sha = new byte[in.readByte()];
            in.readBytes(sha, 0, sha.length);
            List<TargetScore> scores = new ArrayList<>();
            for (int j = in.readCount(); j > 0; j--) {
                scores.add(new TargetScore(in.readString(), in.readFloat(), in.readByte() != 0, readReasons(in)));
            }
            rows.add(new Row(
                    moment, new ModelIdentity(name, version, HexFormat.of().formatHex(sha)), scores));
        }
        return new LastScores(latest, context, rows);
    }

    private static @Nullable List<Reason> readReasons(StateReader in) {
        int count = in.readCount();
        if (count == 0) {
            return null;
        }
        List<Reason> reasons = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            reasons.add(new Reason(in.readString(), in.readDouble()));
        }
        return reasons;
    }
}
