package io.livepredict.deploy.access;

import static org.apache.kafka.common.acl.AclOperation.ALL;
import static org.apache.kafka.common.acl.AclOperation.CREATE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE;
import static org.apache.kafka.common.acl.AclOperation.DESCRIBE_CONFIGS;
import static org.apache.kafka.common.acl.AclOperation.READ;
import static org.apache.kafka.common.acl.AclOperation.WRITE;
import static org.apache.kafka.common.resource.ResourceType.GROUP;
import static org.apache.kafka.common.resource.ResourceType.TOPIC;
import static org.apache.kafka.common.resource.ResourceType.TRANSACTIONAL_ID;

import io.livepredict.contract.Namespace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/**
 * A part of an installation, and the least it needs from the broker. Only the trainer may write {@code models}, and only
 * the streams app {@code predictions}: who can write a model still can't make a scorer trust it without the signing key,
 * and who can write a prediction can't teach the trainer.
 */
public enum Part {
    /** The streams app. A user's own source topics need a READ of their own. */
    STREAMS_APP {
        @Override
        void grant(Grants to) {
            to.topic("viewer-events", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("player-events", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("models", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("learner-state", DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("drifts", DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("audit", DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("predictions", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("prediction-rows", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("alerts", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("outlook", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("viewer-labelled-examples", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("player-labelled-examples", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("viewer-choice-examples", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("player-choice-examples", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("dead-letters", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("feature-schemas", READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("loads", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("erasures", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("erasure-receipts", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            // What tasks tell each other of rooms and matches.
            for (String kind : List.of("viewer", "player")) {
                for (String what : List.of("context-parts", "context-recent", "outlook-parts", "room-parts", "rooms")) {
                    to.topic(kind + '-' + what, READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS);
                }
            }
            // Kafka Streams makes, changes and deletes its own changelogs and repartition topics: livepredict.streams-…
            to.prefixed(TOPIC, "streams", ALL);
            to.prefixed(GROUP, "streams", READ, DESCRIBE);
            to.prefixed(TRANSACTIONAL_ID, "streams", WRITE, DESCRIBE);
        }
    },
    TRAINER {
        @Override
        void grant(Grants to) {
            to.topic("viewer-labelled-examples", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("player-labelled-examples", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("feature-schemas", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("models", READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("learner-state", READ, WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("drifts", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("audit", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.prefixed(GROUP, "trainer", READ, DESCRIBE);
            to.prefixed(TRANSACTIONAL_ID, "trainer", WRITE, DESCRIBE);
        }
    },
    /** {@code streams-app erase}. It says of every topic how long it keeps records, but reads none but the receipts. */
    ERASER {
        @Override
        void grant(Grants to) {
            to.topic("erasures", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("erasure-receipts", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.prefixed(TOPIC, "", DESCRIBE, DESCRIBE_CONFIGS);
        }
    },
    /** {@code livepredict-tools load}. A user's own source topics need a WRITE of their own. */
    LOADER {
        @Override
        void grant(Grants to) {
            to.topic("viewer-events", WRITE, READ, DESCRIBE);
            to.topic("player-events", WRITE, READ, DESCRIBE);
            to.topic("loads", READ, WRITE, DESCRIBE);
            to.topic("viewer-labelled-examples", READ, DESCRIBE);
            to.topic("player-labelled-examples", READ, DESCRIBE);
            to.prefixed(TOPIC, "streams", READ, DESCRIBE);
            to.prefixed(GROUP, "streams", DESCRIBE);
            to.prefixed(GROUP, "trainer", DESCRIBE);
            to.prefixed(TRANSACTIONAL_ID, "load", WRITE, DESCRIBE);
        }
    },
    SIMULATOR {
        @Override
        void grant(Grants to) {
            to.topic("viewer-events", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("player-events", WRITE, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("oracle", WRITE, DESCRIBE, DESCRIBE_CONFIGS, CREATE);
            to.topic("predictions", READ, DESCRIBE, DESCRIBE_CONFIGS);
            to.topic("alerts", READ, DESCRIBE);
            to.prefixed(GROUP, "simulator", READ, DESCRIBE);
        }
    },
    /** A Kafka Connect worker with the sinks of deploy/connect. */
    CONNECT {
        @Override
        void grant(Grants to) {
            OUTPUTS.forEach(output -> to.topic(output, READ, DESCRIBE));
            to.prefixed(TOPIC, "connect-", READ, WRITE, CREATE, DESCRIBE, DESCRIBE_CONFIGS);
            // A prefix for all of prediction-… would let sinks write prediction-rows.
            SINKS.forEach(sink -> to.topic(sink + "-dead-letters", WRITE, CREATE, DESCRIBE));
            to.prefixed(GROUP, "connect", READ, DESCRIBE);
            // A sink's own group is connect-NAME, whatever the namespace.
            to.outside(GROUP, "connect-prediction-", READ, DESCRIBE);
            to.outside(GROUP, "connect-alert-", READ, DESCRIBE);
            to.outside(GROUP, "connect-outlook", READ, DESCRIBE);
        }
    },
    /** Apicurio Registry on KafkaSQL storage. Its topics have no namespace: one registry may serve many installations. */
    REGISTRY {
        @Override
        void grant(Grants to) {
            to.outside(TOPIC, "kafkasql-", ALL);
            to.outside(TOPIC, "registry-events", ALL);
            to.outside(GROUP, "apicurio-", READ, DESCRIBE);
            to.outside(GROUP, "kafkasql-", READ, DESCRIBE);
        }
    },
    /** Whoever reads predictions, alerts or the outlook: a dashboard, a service, an analyst. */
    READER {
        @Override
        void grant(Grants to) {
            OUTPUTS.forEach(output -> to.topic(output, READ, DESCRIBE));
            to.prefixed(GROUP, "reader", READ, DESCRIBE);
        }
    };

    /** The topics of what is made for others. */
    private static final List<String> OUTPUTS = List.of("predictions", "prediction-rows", "alerts", "outlook");

    /** The sinks of deploy/connect. */
    private static final List<String> SINKS = List.of(
            "prediction-history",
            "prediction-latest",
            "prediction-file",
            "prediction-rows",
            "alert-history",
            "outlook");

    abstract void grant(Grants to);

    /** The usual user name: {@code streams-app}. */
    public String user() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * What this part needs.
     *
     * @param principal who runs it, e.g. {@code User:streams-app}
     */
    public List<AclBinding> acls(Namespace namespace, String principal) {
        Grants grants = new Grants(namespace, principal);
        grant(grants);
        return List.copyOf(grants.bindings);
    }

    /** Collects the grants of one principal. */
    static final class Grants {
        private final Namespace namespace;
        private final String principal;
        private final List<AclBinding> bindings = new ArrayList<>();

        private Grants(Namespace namespace, String principal) {
            this.namespace = namespace;
            this.principal = principal;
        }

        void topic(String local, AclOperation... operations) {
            add(new ResourcePattern(TOPIC, namespace.name(local), PatternType.LITERAL), operations);
        }

        void prefixed(ResourceType type, String local, AclOperation... operations) {
            add(new ResourcePattern(type, namespace.name(local), PatternType.PREFIXED), operations);
        }

        /** A prefix outside the namespace. */
        void outside(ResourceType type, String prefix, AclOperation... operations) {
            add(new ResourcePattern(type, prefix, PatternType.PREFIXED), operations);
        }

        private void add(ResourcePattern resource, AclOperation... operations) {
            for (AclOperation operation : operations) {
                bindings.add(new AclBinding(
                        resource, new AccessControlEntry(principal, "*", operation, AclPermissionType.ALLOW)));
            }
        }
    }
}
