package io.livepredict.streams.config;

import io.livepredict.contract.DeadLetters.Payload;
import io.livepredict.contract.Kind;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.streams.ingest.Source;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of people.
 *
 * @param deadLetters what dead letters keep of a source record
 * @param pseudonyms what stands in the place of entity ids; null for the ids themselves
 * @param topics for how long topics keep records
 * @param keys where the keys of pseudonyms are; null for none
 */
public record PrivacySettings(
        Payload deadLetters,
        @Nullable Pseudonyms pseudonyms,
        TopicTimes topics,
        @Nullable PseudonymKeys keys) {
    /** With topics as shipped, and no key files. */
    public PrivacySettings(Payload deadLetters, @Nullable Pseudonyms pseudonyms) {
        this(deadLetters, pseudonyms, TopicTimes.defaults(), null);
    }

    static PrivacySettings of(StreamsAppConfig config, List<Source> sources) {
        Pseudonyms pseudonyms =
                config.pseudonyms() == null ? null : config.pseudonyms().resolve();
        if (pseudonyms != null) {
            for (Kind kind : Kind.values()) {
                checkKeys(kind, sources);
            }
        }
        Payload payload =
                config.deadLetters() == null ? null : config.deadLetters().payload();
        return new PrivacySettings(
                payload != null ? payload : pseudonyms == null ? Payload.KEEP : Payload.HASH,
                pseudonyms,
                config.topics() == null ? TopicTimes.defaults() : config.topics(),
                config.pseudonyms());
    }

    /**
     * Reads the keys of pseudonyms from their files as they are now.
     *
     * @throws SettingsException in one line, if one can't be read or is none
     */
    public Pseudonyms read() {
        if (keys == null) {
            throw new IllegalStateException("no pseudonyms are configured");
        }
        return keys.resolve();
    }

    /** Where one source is divided by ids and another by pseudonyms, one entity's events would go to several tasks. */
    private static void checkKeys(Kind kind, List<Source> sources) {
        List<Source> own =
                sources.stream().filter(source -> source.kind() == kind).toList();
        if (own.stream().map(Source::rekey).distinct().count() > 1) {
            throw new SettingsException(
                    List.of("sources"),
                    "sources: with pseudonyms, rekey must be the same for all sources of " + kind.id()
                            + ", or the events of one entity would go to several tasks: set rekey: true for each",
                    null);
        }
    }

    /** When ids get other pseudonyms, event time. */
    List<Instant> renamings() {
        return pseudonyms == null ? List.of() : pseudonyms.changes();
    }
}
