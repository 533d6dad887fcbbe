package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.http.Call;
import io.livepredict.http.Problem;
import io.livepredict.http.Route;
import io.livepredict.streams.api.Instances.Has;
import io.livepredict.streams.api.Instances.SilentException;
import io.livepredict.streams.topology.KindPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.state.HostInfo;
import org.jspecify.annotations.Nullable;

/** The operations on rooms and matches. */
final class OutlookRoutes {
    private static final int ROOMS = 20;
    private static final Set<String> PARAMETERS = Set.of("target", "most");

    private final Map<Kind, KindPlan> plans;
    private final Map<Kind, Outlooks> outlooks;
    private final Instances instances;

    /**
     * @param plans of every kind
     * @param outlooks empty where there is no outlook
     */
    OutlookRoutes(Map<Kind, KindPlan> plans, Map<Kind, Outlooks> outlooks, Instances instances) {
        this.plans = Map.copyOf(plans);
        this.outlooks = Map.copyOf(outlooks);
        this.instances = instances;
    }

    /**
     * The foremost rooms.
     *
     * @param complete whether every task was asked; some rooms may be missing otherwise
     */
    record Rooms(String kind, String target, boolean complete, List<JsonNode> rooms) {}

    List<Route> routes() {
        return List.of(
                Route.get("outlook", "/v1/kinds/{kind}/outlook", this::foremost),
                Route.get("room", "/v1/kinds/{kind}/outlook/{id}", this::room));
    }

    /** What this instance has of the rooms of the kind that the path names. */
    Holding of(Call call) {
        Kind kind = Kinds.of(call, plans.keySet());
        Outlooks of = outlooks.get(kind);
        if (of == null) {
            throw Problem.notFound("There is no outlook: the configuration has no group outlook.");
        }
        return of;
    }

    private Object room(Call call) {
        call.checkOnly(Set.of(), Set.of());
        String id = EntityRoutes.checked(call.of("id"));
        Object answer = Search.find(of(call), instances, List.of(id), Ask.OUTLOOK, call.authorization())
                .getFirst();
        if (answer instanceof Problem problem) {
            throw problem;
        }
        return answer;
    }

    private Rooms foremost(Call call) {
        call.checkOnly(PARAMETERS, Set.of());
        Holding of = of(call);
        String target = target(of.kind(), call.query().get("target"));
        int most = most(call.query().get("most"));
        call.charge().accept(most - 1);
        Gathered rooms = new Gathered();
        rooms.add(of.here(List.of(target), Ask.FOREMOST, false), false);
        Set<HostInfo> silent = new HashSet<>();
        ask(of, target, call.authorization(), rooms, false, silent);
        if (rooms.partitions.size() < of.partitions()) {
            rooms.add(of.here(List.of(target), Ask.FOREMOST, true), true);
            ask(of, target, call.authorization(), rooms, true, silent);
        }
        return new Rooms(of.kind().id(), target, rooms.partitions.size() >= of.partitions(), rooms.first(target, most));
    }

    private void ask(
            Holding of,
            String target,
            @Nullable String authorization,
            Gathered rooms,
            boolean copies,
            Set<HostInfo> silent) {
        for (HostInfo instance : instances.others()) {
            if (!silent.contains(instance)) {
                try {
                    rooms.add(
                            instances.ask(instance, of.kind(), List.of(target), Ask.FOREMOST, copies, authorization),
                            copies);
                } catch (SilentException e) {
                    silent.add(instance);
                }
            }
        }
    }

    /** Rooms of all instances, each once. */
    private static final class Gathered {
        /** Those that a task or a copy of it has told of. */
        final Set<Integer> partitions = new TreeSet<>();

        private final Set<String> known = new HashSet<>();
        private final List<JsonNode> rooms = new ArrayList<>();

        void add(Has has, boolean copies) {
            if (copies && partitions.containsAll(has.partitions())) {
                return;
            }
            partitions.addAll(has.partitions());
            for (JsonNode answer : has.answers()) {
                if (answer != null) {
                    answer.path("rooms").forEach(room -> {
                        if (known.add(room.path("id").asText())) {
                            rooms.add(room);
                        }
                    });
                }
            }
        }

        List<JsonNode> first(String target, int most) {
            rooms.sort(Comparator.comparingDouble((JsonNode room) -> -expected(room, target))
                    .thenComparing(room -> room.path("id").asText()));
            return List.copyOf(rooms.subList(0, Math.min(most, rooms.size())));
        }

        private static double expected(JsonNode room, String target) {
            for (JsonNode each : room.path("targets")) {
                if (each.path("target").asText().equals(target)) {
                    return each.path("expected").asDouble(Double.NEGATIVE_INFINITY);
                }
            }
            return Double.NEGATIVE_INFINITY;
        }
    }

    private String target(Kind kind, @Nullable String given) {
        KindPlan plan = plans.get(kind);
        List<String> names = plan == null
                ? List.of()
                : plan.targets().stream().map(Target::name).toList();
        if (given == null) {
            return names.getFirst();
        }
        if (!names.contains(given)) {
            throw Problem.badRequest("target is one of " + names.stream().collect(Collectors.joining(", ")) + ".");
        }
        return given;
    }

    private static int most(@Nullable String given) {
        if (given == null) {
            return ROOMS;
        }
        if (given.matches("[0-9]{1,3}")) {
            int most = Integer.parseInt(given);
            if (most >= 1 && most <= Outlooks.MOST_ROOMS) {
                return most;
            }
        }
        throw Problem.badRequest("most is a number from 1 to " + Outlooks.MOST_ROOMS + ".");
    }
}
