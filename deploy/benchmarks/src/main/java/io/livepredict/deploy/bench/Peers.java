package io.livepredict.deploy.bench;

import java.util.Optional;
import java.util.ServiceLoader;

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
}
