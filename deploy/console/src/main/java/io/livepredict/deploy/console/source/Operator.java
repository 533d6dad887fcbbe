package io.livepredict.deploy.console.source;

import java.net.URI;

/** Rolls models back and promotes them, by the trainer's rights: the console has no key of its own. */
@FunctionalInterface
public interface Operator {
    /**
     * Does it, and answers when it is done.
     *
     * @param kind viewer or player
     * @param operation {@code rollback} or {@code promote}
     * @param json {@code {}} or {@code {"version": 7}}
     * @return JSON with the version that is served then, or a problem
     */
    Programs.Answer operate(String kind, String operation, String json);

    /** The trainer at that address, by its API. */
    static Operator of(Programs programs, URI trainer) {
        return (kind, operation, json) -> programs.post(trainer, "/v1/models/" + kind + "/" + operation, json);
    }
}
