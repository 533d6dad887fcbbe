package io.livepredict.deploy.simulator;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The targets of the simulated platform, as the tests need them: those of deploy/local, and a none-of. */
final class SimulatedTargets {
    private SimulatedTargets() {}

    static List<Target> all() {
        return List.of(
                target("leave-30s", Kind.VIEWER, Target.Outcome.ANY_OF, "LEAVE", 30, Target.Scope.SAME_CONTEXT),
                target("chat-10s", Kind.VIEWER, Target.Outcome.ANY_OF, "CHAT", 10, Target.Scope.SAME_CONTEXT),
                target("gift-30s", Kind.VIEWER, Target.Outcome.ANY_OF, "GIFT", 30, Target.Scope.SAME_CONTEXT),
                target("follow-30s", Kind.VIEWER, Target.Outcome.ANY_OF, "FOLLOW", 30, Target.Scope.SAME_CONTEXT),
                target("quit-30s", Kind.PLAYER, Target.Outcome.ANY_OF, "LOGOUT", 30, Target.Scope.ANYWHERE),
                target("purchase-30s", Kind.PLAYER, Target.Outcome.ANY_OF, "PURCHASE", 30, Target.Scope.ANYWHERE),
                target("death-10s", Kind.PLAYER, Target.Outcome.ANY_OF, "DEATH", 10, Target.Scope.SAME_CONTEXT),
                target("no-kill-15s", Kind.PLAYER, Target.Outcome.NONE_OF, "KILL", 15, Target.Scope.ANYWHERE));
    }

    static Target target(String name, Kind kind, Target.Outcome outcome, String type, int seconds, Target.Scope scope) {
        Set<String> predictOn = new TreeSet<>(kind == Kind.VIEWER ? ViewerBehaviour.TYPES : PlayerBehaviour.TYPES);
        predictOn.removeAll(Set.of("LEAVE", "LOGOUT"));
        Set<String> snapshotOn = new TreeSet<>(predictOn);
        snapshotOn.removeAll(Set.of("LIKE", "ASSIST"));
        return TargetBuilder.builder()
                .name(name)
                .kind(kind)
                .outcome(outcome)
                .eventTypes(Set.of(type))
                .within(Duration.ofSeconds(seconds))
                .scope(scope)
                .predictOn(predictOn)
                .snapshotOn(snapshotOn)
                .atMostEvery(Duration.ofSeconds(10))
                .prior(0.2)
                .build();
    }
}
