package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.http.Problem;
import io.livepredict.streams.api.Instances.Has;
import io.livepredict.streams.api.Instances.SilentException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One question on its way to whoever has the answer. First here; then at the instance that has the partition which Kafka's own
 * producers would choose; then at all others, for another producer may choose otherwise (librdkafka hashes with CRC32). Copies
 * are asked only where an instance does not answer or a task can't be read. That something is unknown is said only when every
 * partition was looked into.
 */
final class Search {
    private static final Logger LOG = LoggerFactory.getLogger(Search.class);

    private final Holding holding;
    private final Instances instances;
    private final List<String> ids;
    private final Ask ask;
    private final @Nullable String authorization;
    private final @Nullable JsonNode[] found;
    /** Partitions whose active tasks were looked into. */
    private final Set<Integer> looked = new TreeSet<>();

    private final Set<HostInfo> asked = new HashSet<>();
    /** Instances that did not answer: each takes its time, so this question does not come to them again. */
    private final Set<HostInfo> silent = new HashSet<>();

    private Search(Holding holding, Instances instances, List<String> ids, Ask ask, @Nullable String authorization) {
        this.holding = holding;
        this.instances = instances;
        this.ids = ids;
        this.ask = ask;
        this.authorization = authorization;
        found = new JsonNode[ids.size()];
    }

    /**
     * Answers for each of the ids: what was asked for, or a {@link Problem}.
     *
     * @param authorization the caller's, for asking other instances
     */
    static List<Object> find(
            Holding holding, Instances instances, List<String> ids, Ask ask, @Nullable String authorization) {
        Search search = new Search(holding, instances, ids, ask, authorization);
        search.take(holding.here(ids, ask, false), search.missing());
        search.askOwners();
        search.askOthers(false);
        if (!search.missing().isEmpty() && search.looked.size() < holding.partitions()) {
            search.take(copies(holding.here(search.missingIds(), ask, true)), search.missing());
            search.askOthers(true);
        }
        return search.answers();
    }

    /** Places of the ids that are not found yet. */
    private List<Integer> missing() {
        return IntStream.range(0, found.length)
                .filter(i -> found[i] == null)
                .boxed()
                .toList();
    }

    private List<String> missingIds() {
        return missing().stream().map(ids::get).toList();
    }

    private void take(Has has, List<Integer> places) {
        looked.addAll(has.partitions());
        for (int i = 0; i < places.size(); i++) {
            found[places.get(i)] = has.answers().get(i);
        }
    }

    private void askOwners() {
        Map<HostInfo, List<Integer>> byOwner = new LinkedHashMap<>();
        for (int place : missing()) {
            instances
                    .owner(holding.store(), ids.get(place))
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

    private void askOthers(boolean copies) {
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
                    instance, holding.kind(), places.stream().map(ids::get).toList(), ask, copies, authorization);
            take(copies ? copies(has) : has, places);
            return true;
        } catch (SilentException e) {
            LOG.debug("http: {}", e.getMessage());
            silent.add(instance);
            return false;
        }
    }

    /** What copies have: one that is behind may lack what its active task has, so no partition counts as looked into. */
    private static Has copies(Has has) {
        return new Has(Set.of(), has.answers());
    }

    private List<Object> answers() {
        List<Object> answers = new ArrayList<>();
        for (JsonNode each : found) {
            if (each != null) {
                answers.add(each);
            } else if (looked.size() < holding.partitions()) {
                answers.add(Problem.busy(
                        "Part of the state can't be read: it moves, is being restored, or is with an instance that"
                                + " does not answer."));
            } else {
                answers.add(Problem.notFound(holding.unknown()));
            }
        }
        return answers;
    }
}
