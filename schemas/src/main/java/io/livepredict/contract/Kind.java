package io.livepredict.contract;

import java.util.Locale;

/** The two kinds of entity. Each has its own sub-topology, stores, examples topic, feature schema and model. */
public enum Kind {
    VIEWER("room", "rooms"),
    PLAYER("match", "matches");

    private final String context;
    private final String contexts;

    Kind(String context, String contexts) {
        this.context = context;
        this.contexts = contexts;
    }

    /** What people call the place where an event happens: {@code room} or {@code match}. */
    public String context() {
        return context;
    }

    /** What people call several of them: {@code rooms} or {@code matches}. */
    public String contexts() {
        return contexts;
    }

    /** The kind as it is written in topics, configuration and model names: {@code viewer} or {@code player}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The kind with that id.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Kind of(String id) {
        for (Kind kind : values()) {
            if (kind.id().equals(id)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("unknown kind '" + id + "': it is one of viewer, player");
    }
}
