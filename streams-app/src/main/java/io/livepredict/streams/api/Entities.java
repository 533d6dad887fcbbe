package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.http.Api;
import io.livepredict.http.Problem;
import io.livepredict.streams.api.Instances.Has;
import io.livepredict.streams.api.Instances.SilentException;
import io.livepredict.streams.api.LocalState.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds one kind's entities wherever they are. First here; then at the instance that has the partition which Kafka's own
 * producers would choose; then at all others, for another producer may choose otherwise (librdkafka hashes with CRC32). Copies
 * are asked only where an instance does not answer or a task can't be read. That an entity is unknown is said only when every
 * partition was looked into.
 */
final class Entities {
    private static final Logger LOG = LoggerFactory.getLogger(Entities.class);

    private final LocalState local;
    private final EntityAnswers answers;
    private final Instances instances;
    private final int partitions;

    /** @param partitions how many tasks take in the kind's events, over all instances */
    Entities(LocalState local, EntityAnswers answers, Instances instances, int partitions) {
        this.local = local;
        this.answers = answers;
        this.instances = instances;
        this.partitions = partitions;
    }

    Kind kind() {
        return local.kind();
    }

    /** What this very instance has. */
    Has here(List<String> ids, Ask ask, boolean copies) {
        try {
            List<Part> parts = copies ? local.copies() : local.active();
            List<@Nullable JsonNode> found = new ArrayList<>();
            for (Object answer : answers.answer(ids, ask, parts)) {
                found.add(answer == null ? null : Api.json(answer));
            }
            return new Has(parts.stream().map(Part::partition).collect(Collectors.toCollection(TreeSet::new)), found);
        } catch (InvalidStateStoreException e) {
            return new Has(Set.of(), Arrays.asList(new JsonNode[ids.size()])); // a task has just gone
        }
    }

    /**
     * Answers for each of the ids: what was asked for, or a {@link Problem}.
     *
     * @param authorization the caller's, for asking other instances
     */
    List<Object> find(List<String> ids, Ask ask, @Nullable String authorization) {
        Search search = new Search(ids, ask, authorization);
        search.take(here(ids, ask, false), search.missing());
        search.askOwners();
        search.askOthers(false);
        if (!search.missing().isEmpty() && search.looked.size() < partitions) {
            search.take(here(search.missingIds(), ask, true), search.missing());
            search.askOthers(true);
        }
        return search.answers();
    }

    /** One question on its way. */
    private final class Search {
        final List<String> ids;
        final Ask ask;
        final @Nullable String authorization;
        final @Nullable JsonNode[] found;
        /** Partitions whose active tasks were looked into. */
        final Set<Integer> looked = new TreeSet<>();

        final Set<HostInfo> asked = new HashSet<>();
        /** Instances that did not answer: each takes its time, so this question does not come to them again. */
        final Set<HostInfo> silent = new HashSet<>();

        Search(List<String> ids, Ask ask, @Nullable String authorization) {
            this.ids = ids;
            this.ask = ask;
            this.authorization = authorization;
            found = new JsonNode[ids.size()];
        }

        /** Places of the ids that are not found yet. */
        List<Integer> missing() {
            return IntStream.range(0, found.length)
                    .filter(i -> found[i] == null)
                    .boxed()
                    .toList();
        }

        List<String> missingIds() {
            return missing().stream().map(ids::get).toList();
        }

        void take(Has has, List<Integer> places) {
            looked.addAll(has.partitions());
            for (int i = 0; i < places.size(); i++) {
                found[places.get(i)] = has.answers().get(i);
            }
        }

        void askOwners() {
            Map<HostInfo, List<Integer>> byOwner = new LinkedHashMap<>();
            for (int place : missing()) {
                instances
                        .owner(kind(), ids.get(place))
                        .filter(owner -> !instances.isOwn(owner))
                        .ifPresent(owner -> byOwner.computeIfAbsent(owner, key -> new ArrayList<>())
                                .add(place));
            }
            byOwner.forEach((owner, places) -> {
                if (ask(owner, places, false) && places.size() == ids.size()) {
                    asked.add(owner);
                }
            });
        }

        void askOthers(boolean copies) {
            for (HostInfo instance : instances.others()) {
                List<Integer> missing = missing();
                if (missing.isEmpty()) {
                    return;
                }
                if (copies || !asked.contains(instance)) {
                    ask(instance, missing, copies);
                }
            }
        }

        private boolean ask(HostInfo instance, List<Integer> places, boolean copies) {
            if (silent.contains(instance)) {
                return false;
            }
            try {
                Has has = instances.ask(
                        instance, kind(), places.stream().map(ids::get).toList(), ask, copies, authorization);
                take(copies ? new Has(Set.of(), has.answers()) : has, places);
                return true;
            } catch (SilentException e) {
                LOG.debug("http: {}", e.getMessage());
                silent.add(instance);
                return false;
            }
        }

        List<Object> answers() {
            List<Object> answers = new ArrayList<>();
            for (JsonNode each : found) {
                if (each != null) {
                    answers.add(each);
                } else if (looked.size() < partitions) {
                    answers.add(Problem.busy(
                            "Part of the state can't be read: it moves, is being restored, or is with an instance that"
                                    + " does not answer."));
                } else {
                    answers.add(Problem.notFound("No event of that entity is known here."));
                }
            }
            return answers;
        }
    }
}
