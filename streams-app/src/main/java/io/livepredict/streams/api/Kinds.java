package io.livepredict.streams.api;

import io.livepredict.contract.DurationFormat;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.http.Call;
import io.livepredict.http.Problem;
import io.livepredict.http.Route;
import io.livepredict.streams.topology.KindPlan;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Which kinds are scored, and what is predicted of them. */
final class Kinds {
    private final List<KindPlan> plans;

    Kinds(List<KindPlan> plans) {
        this.plans = List.copyOf(plans);
    }

    record KindList(List<KindInfo> kinds) {}

    record KindInfo(String kind, String context, String contexts, List<String> eventTypes, List<TargetInfo> targets) {}

    record TargetInfo(
            String name,
            String words,
            String form,
            String within,
            boolean probability,
            double prior,
            Collection<String> predictOn) {}

    Route route() {
        return Route.get("kinds", "/v1/kinds", call -> {
            call.checkOnly(Set.of(), Set.of());
            return new KindList(plans.stream().map(Kinds::info).toList());
        });
    }

    private static KindInfo info(KindPlan plan) {
        Kind kind = plan.kind();
        return new KindInfo(
                kind.id(),
                kind.context(),
                kind.contexts(),
                plan.definition().eventTypes(),
                plan.targets().stream().map(Kinds::info).toList());
    }

    private static TargetInfo info(Target target) {
        return new TargetInfo(
                target.name(),
                words(target),
                target.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                DurationFormat.format(target.within()),
                target.isBinary(),
                target.prior(),
                target.predictOn());
    }

    private static String words(Target target) {
        String events = target.eventTypes().stream()
                .map(type -> type.toLowerCase(Locale.ROOT).replace('_', ' '))
                .collect(Collectors.joining(" or "));
        String where = target.scope() == Target.Scope.ANYWHERE ? " anywhere" : "";
        String within = " within " + DurationFormat.format(target.within()) + where;
        return switch (target.outcome()) {
            case ANY_OF -> events + within;
            case NONE_OF -> "no " + events + within;
            case SUM_OF -> "total " + target.number() + " of " + events + within;
        };
    }

    /** The kind that the path names. */
    static Kind of(Call call, Collection<Kind> known) {
        String id = call.of("kind");
        return known.stream()
                .filter(kind -> kind.id().equals(id))
                .findFirst()
                .orElseThrow(() -> Problem.notFound(
                        "The kinds are " + known.stream().map(Kind::id).collect(Collectors.joining(", ")) + "."));
    }
}
