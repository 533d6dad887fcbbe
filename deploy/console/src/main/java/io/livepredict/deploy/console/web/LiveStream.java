package io.livepredict.deploy.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.console.live.Board;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Pushes to each open page what it shows, once a second. Each page has a thread of its own that waits for nobody else, so a page
 * that reads slowly holds up itself alone.
 */
final class LiveStream implements AutoCloseable {
    static final int MOST_PAGES = 64;
    private static final long BEAT_MILLIS = 1_000;
    private static final int SELDOM = 5;
    private static final Duration CLOSING = Duration.ofSeconds(3);

    private final Board board;
    private final Supplier<ObjectNode> state;
    private final Set<Thread> pages = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param state how the console and the programs are */
    LiveStream(Board board, Supplier<ObjectNode> state) {
        this.board = board;
        this.state = state;
    }

    /** What a page wants to see. */
    private record Wanted(
            Predicate<String> series,
            @Nullable Kind rooms,
            String by,
            @Nullable Kind entityKind,
            String entity,
            @Nullable Kind models,
            String calibration,
            boolean signals,
            long happenedAfter) {
        static Wanted of(Context context) {
            return new Wanted(
                    Parameters.prefixes(context),
                    Parameters.kind(context, "rooms").orElse(null),
                    Parameters.text(context, "by"),
                    Parameters.kind(context, "kind").orElse(null),
                    Parameters.text(context, "entity"),
                    Parameters.kind(context, "models").orElse(null),
                    Parameters.text(context, "calibration"),
                    context.queryParam("signals") != null,
                    Parameters.number(context, "happened-after"));
        }
    }

    /** Serves a page until it is closed. */
    void open(SseClient client) {
        if (closed || pages.size() >= MOST_PAGES) {
            client.sendEvent("full", "{}");
            client.close();
            return;
        }
        Wanted wanted = Wanted.of(client.ctx());
        client.keepAlive();
        Thread thread = Thread.ofVirtual().name("console-page").unstarted(() -> serve(client, wanted));
        pages.add(thread);
        client.onClose(thread::interrupt);
        thread.start();
    }

    private void serve(SseClient client, Wanted wanted) {
        try {
            long happened = wanted.happenedAfter();
            for (long beat = 0; !closed && !client.terminated(); beat++) {
                ArrayNode news = board.happenings(happened);
                if (!news.isEmpty()) {
                    happened = news.get(news.size() - 1).get("number").asLong();
                    send(client, "happened", news);
                }
                if (beat % SELDOM == 0) {
                    send(client, "state", state.get());
                }
                send(client, wanted, beat);
                Thread.sleep(BEAT_MILLIS);
            }
        } catch (InterruptedException e) {
            // The page was closed, or the console is.
        } finally {
            try {
                client.close();
            } finally {
                pages.remove(Thread.currentThread());
            }
        }
    }

    private void send(SseClient client, Wanted wanted, long beat) {
        var newest = board.newest();
        ObjectNode row = Json.object();
        row.put("t", board.newestSecond());
        row.set("values", Json.row(newest, wanted.series()));
        send(client, "row", row);
        if (wanted.rooms() != null) {
            send(client, "rooms", board.rooms(wanted.rooms(), wanted.by()));
        }
        if (wanted.entityKind() != null && !wanted.entity().isEmpty()) {
            Optional<ObjectNode> entity = board.entity(wanted.entityKind(), wanted.entity());
            send(client, "entity", entity.orElseGet(Json::object));
        }
        if (wanted.models() != null && beat % 2 == 0) {
            send(client, "models", board.models(wanted.models()));
        }
        if (!wanted.calibration().isEmpty() && beat % SELDOM == 0) {
            send(client, "calibration", board.calibration(wanted.calibration()));
        }
        if (wanted.signals()) {
            send(client, "alerts", board.alerts());
            if (beat % SELDOM == 0) {
                send(client, "dead-letters", board.deadLetters());
            }
        }
    }

    private static void send(SseClient client, String event, JsonNode data) {
        if (!client.terminated()) {
            client.sendEvent(event, data.toString());
        }
    }

    /** How many pages are open. */
    int open() {
        return pages.size();
    }

    /** Ends all pages, and waits a while until they have: their requests must not be gone before them. */
    @Override
    public void close() {
        closed = true;
        List<Thread> open = List.copyOf(pages);
        open.forEach(Thread::interrupt);
        long giveUp = System.nanoTime() + CLOSING.toNanos();
        try {
            for (Thread each : open) {
                if (!each.join(Duration.ofNanos(Math.max(0, giveUp - System.nanoTime())))) {
                    return; // its reader does not read; stopping the server ends that
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
