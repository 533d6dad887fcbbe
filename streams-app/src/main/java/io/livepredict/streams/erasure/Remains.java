package io.livepredict.streams.erasure;

import io.livepredict.cli.Table;
import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.topics.TopicException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/**
 * What is left of somebody after an erasure, and until when, as the brokers are configured now: records of topics that are kept
 * for some time, and values that compaction has not removed yet.
 */
public final class Remains {
    private final StreamsAppSettings settings;

    public Remains(StreamsAppSettings settings) {
        this.settings = settings;
    }

    /**
     * A row for each topic that may hold something of the entity.
     *
     * @throws TopicException if Kafka does not answer
     */
    public Table table(Kind kind, Instant now) {
        Table table = new Table("topic", "holds", "gone by");
        configurations(kind).forEach((topic, config) -> table.row(topic, holds(topic), goneBy(config, now)));
        return table;
    }

    private String holds(String topic) {
        if (topic.endsWith("-changelog")) {
            return "former state";
        }
        if (topic.endsWith("-repartition")) {
            return "what is on its way";
        }
        return settings.sources().stream().anyMatch(source -> source.topic().equals(topic))
                ? "events (your topic)"
                : "records";
    }

    private static String goneBy(Config config, Instant now) {
        ConfigEntry policy = config.get("cleanup.policy");
        if (policy != null && String.valueOf(policy.value()).contains("compact")) {
            long lag = value(config, "max.compaction.lag.ms");
            if (lag < 0) {
                return "not bounded: set max.compaction.lag.ms";
            }
            long keys = Math.max(0, value(config, "delete.retention.ms"));
            return day(now, lag) + " (" + DurationFormat.format(Duration.ofMillis(lag))
                    + " and a cleaner's round), keys without values "
                    + DurationFormat.format(Duration.ofMillis(keys)) + " later";
        }
        long retention = value(config, "retention.ms");
        long segment = value(config, "segment.ms");
        return retention < 0
                ? "kept for ever, or until it was read"
                : day(now, Math.addExact(retention, segment < 0 ? retention : Math.min(segment, retention)));
    }

    private static String day(Instant now, long millis) {
        return now.plusMillis(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** A setting, -1 where there is none or it stands for ever. */
    private static long value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        if (entry == null || entry.value() == null) {
            return -1;
        }
        long value = Long.parseLong(entry.value());
        return value == Long.MAX_VALUE ? -1 : value;
    }

    private Map<String, Config> configurations(Kind kind) {
        Map<String, Object> client =
                settings.kafka().client(settings.namespace().name("erase-admin"));
        try (Admin admin = Admin.create(client)) {
            Collection<ConfigResource> resources = new ArrayList<>();
            for (String topic : topics(admin, kind)) {
                resources.add(new ConfigResource(ConfigResource.Type.TOPIC, topic));
            }
            Map<String, Config> configurations = new TreeMap<>();
            admin.describeConfigs(resources)
                    .all()
                    .get()
                    .forEach((resource, config) -> configurations.put(resource.name(), config));
            return configurations;
        } catch (ExecutionException e) {
            throw new TopicException("Kafka does not say how its topics are kept: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("interrupted while Kafka was asked how its topics are kept", e);
        }
    }

    private List<String> topics(Admin admin, Kind kind) throws ExecutionException, InterruptedException {
        return admin.listTopics().names().get().stream()
                .filter(topic -> mayHold(topic, kind))
                .toList();
    }

    /** Whether records of that topic may name an entity of that kind, or a changelog or repartition topic its state. */
    boolean mayHold(String topic, Kind kind) {
        String ours = settings.applicationId() + '-' + kind.id() + '-';
        List<String> named = List.of(
                "predictions",
                "prediction-rows",
                "alerts",
                "dead-letters",
                "erasures",
                kind.id() + "-labelled-examples",
                kind.id() + "-choice-examples");
        return topic.startsWith(ours)
                || named.stream()
                        .anyMatch(name -> settings.namespace().name(name).equals(topic))
                || settings.sources().stream()
                        .anyMatch(source ->
                                source.kind() == kind && source.topic().equals(topic));
    }
}
