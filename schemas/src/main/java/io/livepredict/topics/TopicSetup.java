package io.livepredict.topics;

import io.livepredict.contract.Topic;
import io.livepredict.settings.KafkaSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics as the contract has them, and says where existing ones differ. */
public final class TopicSetup {
    private static final Logger LOG = LoggerFactory.getLogger(TopicSetup.class);
    /** How long a cluster may take to answer, unless {@code kafka.default.api.timeout.ms} says otherwise. */
    private TopicSetup() {}

    /**
     * A way in which a topic is not as the contract has it.
     *
     * @param words which topic, how it differs and what to do, in one line
     * @param effect what it means for those who use the topic
     */
    public record Difference(String words, Effect effect) {
        /** What a difference means. */
        public enum Effect {
            /** There is no such topic. */
            MISSING,
            /** The topic exists, and the parts would not work with it. */
            UNUSABLE,
            /** An operator's right, such as another retention. */
            ALLOWED
        }

        /** Whether the parts would not work with the topic as it is. */
        public boolean harmful() {
            return effect != Effect.ALLOWED;
        }
    }

    /** A topic as it is on the cluster. */
    private record Actual(int partitions, Map<String, String> configuration) {}

    /**
     * As {@link #ensure(Admin, Collection, int)}, with an admin client of its own.
     *
     * @throws TopicException if Kafka can't be reached at its address, or a topic is not as it must be
     */
    public static void ensure(KafkaSettings kafka, Collection<? extends Topic<?, ?>> topics, int replication) {
        ask(kafka, admin -> {
            ensure(admin, topics, replication);
            return topics;
        });
    }

    /**
     * As {@link #createMissing(Admin, Collection, int)} and {@link #differences(Admin, Collection)} after it, with an admin
     * client of its own.
     */
    public static List<Difference> createMissing(
            KafkaSettings kafka, Collection<? extends Topic<?, ?>> topics, int replication) {
        return ask(kafka, admin -> {
            createMissing(admin, topics, replication);
            return differences(admin, topics);
        });
    }

    /** As {@link #differences(Admin, Collection)}, with an admin client of its own. */
    public static List<Difference> differences(KafkaSettings kafka, Collection<? extends Topic<?, ?>> topics) {
        return ask(kafka, admin -> differences(admin, topics));
    }

    /**
     * How many partitions each of these topics has; those that do not exist are left out.
     *
     * @throws TopicException if Kafka can't be reached or refuses
     */
    public static Map<String, Integer> partitions(KafkaSettings kafka, Set<String> names) {
        return ask(kafka, admin -> {
            Map<String, Integer> partitions = new TreeMap<>();
            describe(admin, names).forEach((name, actual) -> partitions.put(name, actual.partitions()));
            return partitions;
        });
    }

    /**
     * Creates a topic that is not of the contract, with the cluster's own settings.
     *
     * @param replication replication factor; -1 for the cluster's default
     * @throws TopicException if Kafka can't be reached or refuses
     */
    public static void createForeign(KafkaSettings kafka, String name, int partitions, int replication) {
        ask(kafka, admin -> {
            NewTopic topic = new NewTopic(
                    name,
                    Optional.of(partitions),
                    replication < 0 ? Optional.empty() : Optional.of((short) replication));
            try {
                answer(admin.createTopics(List.of(topic)).all());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new TopicException("topic " + name + " can't be created: " + deepest(e), e);
                }
            }
            awaitVisible(admin, Set.of(name));
            return name;
        });
    }

    private static <T> T ask(KafkaSettings kafka, Function<Admin, T> question) {
        Map<String, Object> client = kafka.client("topic-setup");
        client.putIfAbsent(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) KafkaPatience.REQUEST.toMillis());
        client.putIfAbsent(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, (int) KafkaPatience.ANSWER.toMillis());
        try (Admin admin = Admin.create(client)) {
            return question.apply(admin);
        } catch (UnreachableException e) {
            throw new TopicException(
                    "Kafka does not answer at " + kafka.bootstrapServers()
                            + ": start it, or correct kafka.bootstrap.servers and the security settings beside it",
                    e);
        } catch (org.apache.kafka.common.KafkaException e) {
            throw new TopicException("kafka: " + deepest(e), e);
        }
    }

    /**
     * Creates the topics that are missing and verifies the others: partitions, cleanup policy, and that the largest
     * message is allowed. Another retention is an operator's right; it is logged.
     *
     * @param replication replication factor of the topics created; -1 for the cluster's default
     * @throws TopicException if Kafka can't be reached or refuses, or a topic is not as it must be; names every difference
     */
    public static void ensure(Admin admin, Collection<? extends Topic<?, ?>> topics, int replication) {
        createMissing(admin, topics, replication);
        List<Difference> differences = differences(admin, topics);
        String harmful = differences.stream()
                .filter(Difference::harmful)
                .map(Difference::words)
                .collect(Collectors.joining("; "));
        if (!harmful.isEmpty()) {
            throw new TopicException(harmful);
        }
        differences.forEach(difference -> LOG.info("{}", difference.words()));
    }

    /**
     * Creates the topics that are missing, and leaves the others as they are.
     *
     * @param replication replication factor of the topics created; -1 for the cluster's default
     * @throws TopicException if Kafka can't be reached or refuses
     */
    public static void createMissing(Admin admin, Collection<? extends Topic<?, ?>> topics, int replication) {
        Set<String> existing = describe(admin, names(topics)).keySet();
        List<Topic<?, ?>> missing = new ArrayList<>();
        for (Topic<?, ?> topic : topics) {
            if (!existing.contains(topic.name())) {
                missing.add(topic);
            }
        }
        create(admin, missing, replication);
    }

    /**
     * Every way in which the topics are not as the contract has them; empty when all is well.
     *
     * @throws TopicException if Kafka can't be reached
     */
    public static List<Difference> differences(Admin admin, Collection<? extends Topic<?, ?>> topics) {
        Map<String, Actual> actual = describe(admin, names(topics));
        List<Difference> differences = new ArrayList<>();
        for (Topic<?, ?> topic : topics) {
            Actual existing = actual.get(topic.name());
            if (existing == null) {
                differences.add(new Difference(
                        "topic " + topic.name() + " does not exist; create it with " + topic.partitions()
                                + " partitions and " + topic.configuration(),
                        Difference.Effect.MISSING));
            } else {
                differences.addAll(compare(topic, existing));
            }
        }
        return List.copyOf(differences);
    }

    private static List<Difference> compare(Topic<?, ?> topic, Actual actual) {
        List<Difference> differences = new ArrayList<>();
        if (actual.partitions() != topic.partitions()) {
            differences.add(new Difference(
                    "topic " + topic.name() + " has " + actual.partitions() + " partitions, wanted are "
                            + topic.partitions() + ": "
                            + (topic.compacted()
                                    ? "delete it and let it be created anew"
                                    : "set partitions to " + actual.partitions()
                                            + ", or delete it and let it be created anew"),
                    Difference.Effect.UNUSABLE));
        }
        differences.addAll(compare(topic.name(), topic.configuration(), actual));
        return differences;
    }

    private static List<Difference> compare(String topic, Map<String, String> configuration, Actual actual) {
        List<Difference> differences = new ArrayList<>();
        configuration.forEach((key, wanted) -> {
            String value = actual.configuration().getOrDefault(key, "");
            Difference.Effect effect =
                    Topic.TIMES.contains(key) ? Difference.Effect.ALLOWED : Difference.Effect.UNUSABLE;
            boolean fits = key.equals("max.message.bytes")
                    ? !value.isEmpty() && Long.parseLong(value) >= Long.parseLong(wanted)
                    : value.equals(wanted);
            if (!fits) {
                differences.add(new Difference(
                        "topic " + topic + " has " + key + "=" + value + ", wanted is " + wanted
                                + ": kafka-configs.sh --alter --entity-type topics --entity-name " + topic
                                + " --add-config " + key + "=" + wanted,
                        effect));
            }
        });
        return differences;
    }

    /**
     * How the changelogs that Kafka Streams has made for an application differ from such a configuration.
     *
     * @param applicationId of the application, with which their names begin
     * @throws TopicException if Kafka can't be reached
     */
    public static List<Difference> changelogDifferences(
            KafkaSettings kafka, String applicationId, Map<String, String> configuration) {
        return ask(kafka, admin -> {
            Set<String> changelogs = new TreeSet<>();
            try {
                for (String name : answer(admin.listTopics().names())) {
                    if (name.startsWith(applicationId + '-') && name.endsWith("-changelog")) {
                        changelogs.add(name);
                    }
                }
            } catch (ExecutionException e) {
                throw failure("topics can't be listed", e);
            }
            return describe(admin, changelogs).entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .flatMap(topic -> compare(topic.getKey(), configuration, topic.getValue()).stream())
                    .toList();
        });
    }

    private static void create(Admin admin, List<Topic<?, ?>> topics, int replication) {
        List<NewTopic> wanted = topics.stream()
                .map(t -> new NewTopic(
                                t.name(),
                                Optional.of(t.partitions()),
                                replication < 0 ? Optional.empty() : Optional.of((short) replication))
                        .configs(t.configuration()))
                .toList();
        Map<String, KafkaFuture<Void>> results = admin.createTopics(wanted).values();
        for (Topic<?, ?> topic : topics) {
            try {
                answer(Objects.requireNonNull(results.get(topic.name())));
                LOG.info("created topic {} with {} partitions", topic.name(), topic.partitions());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof TopicExistsException)) { // another instance was faster
                    throw new TopicException("topic " + topic.name() + " can't be created: " + deepest(e), e);
                }
            }
        }
        awaitVisible(admin, names(topics));
    }

    /** A topic that was just created is not known to every broker at once. */
    private static void awaitVisible(Admin admin, Set<String> names) {
        long deadline = System.nanoTime() + KafkaPatience.ANSWER.toNanos();
        while (!describe(admin, names).keySet().containsAll(names)) {
            if (System.nanoTime() > deadline) {
                throw new TopicException("topics " + names + " were created but did not become visible within "
                        + KafkaPatience.ANSWER.toSeconds() + " s; look at the brokers' logs");
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new TopicException("interrupted while creating topics", e);
            }
        }
    }

    private static Map<String, Actual> describe(Admin admin, Set<String> names) {
        if (names.isEmpty()) {
            return Map.of();
        }
        Map<String, Integer> partitions = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> entry :
                admin.describeTopics(names).topicNameValues().entrySet()) {
            try {
                partitions.put(
                        entry.getKey(), answer(entry.getValue()).partitions().size());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw failure("topic " + entry.getKey() + " can't be described", e);
                }
            }
        }
        Map<String, Actual> actual = new HashMap<>();
        List<ConfigResource> resources = partitions.keySet().stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        admin.describeConfigs(resources).values().forEach((resource, future) -> {
            try {
                actual.put(
                        resource.name(),
                        new Actual(
                                Objects.requireNonNull(partitions.get(resource.name())),
                                configuration(answer(future))));
            } catch (ExecutionException e) {
                throw failure("topic " + resource.name() + " can't be described", e);
            }
        });
        return actual;
    }

    private static Map<String, String> configuration(Config config) {
        Map<String, String> configuration = new HashMap<>();
        config.entries().forEach(entry -> {
            if (entry.value() != null) {
                configuration.put(entry.name(), entry.value());
            }
        });
        return configuration;
    }

    private static <T> T answer(KafkaFuture<T> future) throws ExecutionException {
        try {
            return future.get(); // bounded by the client's own default.api.timeout.ms
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicException("interrupted while asking Kafka about its topics", e);
        }
    }

    private static RuntimeException failure(String what, ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        if (cause instanceof org.apache.kafka.common.errors.TimeoutException) {
            return new UnreachableException("Kafka does not answer", cause);
        }
        return new TopicException(what + ": " + deepest(cause), e);
    }

    private static String deepest(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null
                && (cause.getCause() instanceof ConfigException
                        || cause instanceof ExecutionException
                        || cause.getClass() == org.apache.kafka.common.KafkaException.class)) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage()).replaceAll("\\s+", " ").strip();
    }

    private static Set<String> names(Collection<? extends Topic<?, ?>> topics) {
        return topics.stream().map(Topic::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private static final class UnreachableException extends TopicException {
        UnreachableException(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
