package io.livepredict.streams.wiring;

import io.livepredict.settings.SettingsException;
import io.livepredict.streams.config.PrivacySettings;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.ingest.PseudonymMark;
import io.livepredict.streams.ingest.Pseudonyms;
import io.livepredict.topics.KafkaPatience;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps an installation to its keys of pseudonyms. The {@link PseudonymMark} of those that count lies beside an offset of a
 * consumer group of its own, which nobody reads by. An app whose present key is another one does not start, and one that runs
 * says when its key files have changed, or another instance has come with other keys.
 */
final class PseudonymGuard {
    private static final Logger LOG = LoggerFactory.getLogger(PseudonymGuard.class);
    private static final Duration FILES_EVERY = Duration.ofMinutes(1);
    /** Brokers forget a group's offsets that nobody has written for a week, as shipped. */
    private static final Duration MARK_EVERY = Duration.ofHours(1);

    /** For a group's coordinator that moves or reads its offsets; without the answer the app does not start. */
    private static final Duration PATIENCE = KafkaPatience.ANSWER.multipliedBy(4);

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final StreamsAppSettings config;
    private final InstantSource clock;
    private final String group;
    private final TopicPartition place;
    private final @Nullable PseudonymMark own;
    private Instant filesAt;
    private Instant markAt;
    private boolean said;
    private boolean unseen;

    /** @param topic any that is there: a group's offsets are of topics */
    PseudonymGuard(StreamsAppSettings config, String topic, InstantSource clock) {
        this.config = config;
        this.clock = clock;
        group = config.applicationId() + "-pseudonyms";
        place = new TopicPartition(topic, 0);
        Pseudonyms pseudonyms = config.privacy().pseudonyms();
        own = pseudonyms == null ? null : pseudonyms.mark();
        filesAt = clock.instant().plus(FILES_EVERY);
        markAt = clock.instant()
                .plus(FILES_EVERY); // soon: two instances that start at once have seen nothing of each other
    }

    /**
     * Compares the keys with those of before, and leaves their mark. Goes on without, and says so, only where the app may not
     * read or write it.
     *
     * @throws StartException in one line, if the key that counts now is another one, or there is none any more, or Kafka does
     *     not tell
     */
    void start() {
        start(PATIENCE);
    }

    /** @param patience how long Kafka may take to tell */
    void start(Duration patience) {
        long giveUp = System.nanoTime() + patience.toNanos();
        try (Admin admin = admin()) {
            while (true) {
                long left = Math.max(1, TimeUnit.NANOSECONDS.toMillis(giveUp - System.nanoTime()));
                try {
                    compare(admin, Math.min(left, KafkaPatience.ANSWER.toMillis()));
                    return;
                } catch (ExecutionException | TimeoutException e) {
                    if (e.getCause() instanceof AuthorizationException) {
                        LOG.warn("{} ({}); allow the app to read and write it", unknown(), Cure.oneLine(e));
                        return;
                    }
                    boolean passes = e instanceof TimeoutException || e.getCause() instanceof RetriableException;
                    if (!passes || giveUp - System.nanoTime() <= PAUSE.toNanos()) {
                        throw new StartException(
                                unknown() + " on " + config.kafka().bootstrapServers() + " ("
                                        + (e instanceof TimeoutException
                                                ? "no answer within " + patience.toSeconds() + " s"
                                                : Cure.oneLine(e))
                                        + "); see that the brokers that keep __consumer_offsets are up, and start again",
                                e);
                    }
                    LOG.info("{} yet ({}); asking again", unknown(), Cure.oneLine(e));
                    TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while the keys of pseudonyms were compared", e);
        }
    }

    private String unknown() {
        return (own == null
                        ? "whether there were pseudonyms before can't be told"
                        : "whether the keys of pseudonyms are those of before can't be told")
                + ": group " + group + " can't be read and written";
    }

    private void compare(Admin admin, long patienceMillis)
            throws InterruptedException, ExecutionException, TimeoutException {
        PseudonymMark before = read(admin, patienceMillis);
        if (own == null) {
            if (before != null) {
                throw new StartException("no pseudonyms are configured, and there were before or are in another"
                        + " instance: ids would get into every topic; configure them" + ifMeant());
            }
            return;
        }
        if (before != null) {
            PseudonymMark.Difference difference = difference(own, before);
            difference.refusal().ifPresent(why -> {
                throw new StartException("pseudonyms: " + why + ifMeant());
            });
            difference.hints().forEach(LOG::warn);
        }
        write(admin, own, patienceMillis);
    }

    private PseudonymMark.Difference difference(PseudonymMark now, PseudonymMark before) {
        return now.after(before, clock.instant(), config.time().retention());
    }

    private String ifMeant() {
        return ". If that is meant, have Kafka forget the former ones: kafka-consumer-groups.sh --bootstrap-server "
                + config.kafka().bootstrapServers() + " --delete --group " + group;
    }

    /** Looks whether key files have changed and whether another instance has other keys; says so, once. */
    void look() throws InterruptedException {
        if (own == null) {
            return;
        }
        Instant now = clock.instant();
        if (!now.isBefore(filesAt)) {
            filesAt = now.plus(FILES_EVERY);
            lookAtFiles(own);
        }
        if (!now.isBefore(markAt)) {
            markAt = now.plus(MARK_EVERY);
            try (Admin admin = admin()) {
                PseudonymMark present = read(admin, KafkaPatience.ANSWER.toMillis());
                if (present != null && difference(own, present).refusal().isPresent()) {
                    LOG.error(
                            "another instance has other keys of pseudonyms ({}) than this one ({}): the same person is two;"
                                    + " stop the one with the wrong key files",
                            present.text(),
                            own.text());
                } else {
                    write(admin, own, KafkaPatience.ANSWER.toMillis());
                }
                unseen = false;
            } catch (ExecutionException | TimeoutException e) {
                if (!unseen) {
                    unseen = true;
                    LOG.warn("{} ({}); asking again every hour, in silence", unknown(), Cure.oneLine(e));
                }
            }
        }
    }

    private void lookAtFiles(PseudonymMark own) {
        String changed = changed(config.privacy(), own);
        if (changed == null) {
            said = false;
        } else if (!said) {
            said = true;
            LOG.warn(
                    "{}. This instance goes on with the keys that it has read at its start; it will not start again with"
                            + " others. Put the former key files back, and a new key into pseudonyms.epochs",
                    changed);
        }
    }

    /** What has happened to the key files since they had that mark, in words; null for nothing. */
    static @Nullable String changed(PrivacySettings privacy, PseudonymMark mark) {
        try {
            return mark.equals(privacy.read().mark()) ? null : "the key files of pseudonyms have changed";
        } catch (SettingsException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private Admin admin() {
        Map<String, Object> client = config.kafka().client(group);
        // Its close waits for what is still asked.
        client.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) KafkaPatience.REQUEST.toMillis());
        client.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) KafkaPatience.ANSWER.toMillis());
        return Admin.create(client);
    }

    private @Nullable PseudonymMark read(Admin admin, long patienceMillis)
            throws InterruptedException, ExecutionException, TimeoutException {
        OffsetAndMetadata offset = admin.listConsumerGroupOffsets(group)
                .partitionsToOffsetAndMetadata()
                .get(patienceMillis, TimeUnit.MILLISECONDS)
                .get(place);
        return Optional.ofNullable(offset)
                .flatMap(known -> PseudonymMark.read(known.metadata()))
                .orElse(null);
    }

    private void write(Admin admin, PseudonymMark mark, long patienceMillis)
            throws InterruptedException, ExecutionException, TimeoutException {
        admin.alterConsumerGroupOffsets(group, Map.of(place, new OffsetAndMetadata(0, mark.text())))
                .all()
                .get(patienceMillis, TimeUnit.MILLISECONDS);
    }
}
