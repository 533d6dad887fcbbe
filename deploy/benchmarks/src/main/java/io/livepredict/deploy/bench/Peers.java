package io.livepredict.deploy.bench;

import io.livepredict.cli.CommandFrame;
import java.util.Optional;
import java.util.ServiceLoader;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Whether other projects' learners are on the class path. */
final class Peers {
    private Peers() {}

    /** The peer learners; or nothing, after printing one line that says how to build them. */
    static Optional<PeerLearners> find(boolean wanted) {
        Optional<PeerLearners> found = ServiceLoader.load(PeerLearners.class).findFirst();
        if (!wanted || found.isEmpty()) {
            System.out.println(
                    "left out: MOA (GPL-3) and Vowpal Wabbit, which are no part of LivePredict; --peers builds them"
                            + " in (profile bench-peers)");
            return Optional.empty();
        }
        return found;
    }

    /**
     * Batch boosting.
     *
     * @param option what asks for it
     * @throws ParameterException if it is not built in
     */
    static BatchLearner boosting(CommandSpec spec, String option) {
        return ServiceLoader.load(BatchLearner.class)
                .findFirst()
                .orElseThrow(() -> CommandFrame.wrongUsage(
                        spec, option + " needs the profile bench-peers; deploy/bench builds it in"));
    }
}
