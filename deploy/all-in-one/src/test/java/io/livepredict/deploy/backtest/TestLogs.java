package io.livepredict.deploy.backtest;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.settings.TargetSettings;
import io.livepredict.settings.Targets;
import io.livepredict.settings.YamlFile;
import io.livepredict.streams.mapping.MappingSettings;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small made-up histories of viewers in rooms. */
final class TestLogs {
    static final long DAY_MILLIS = 86_400_000L;
    /** Viewers who come in every month. */
    static final int REGULARS = 4;
    /** Viewers who come in one month only. */
    static final int OTHERS = 8;

    static final MappingSettings MAPPING = YamlFile.parse("""
            kind: viewer
            time: {column: ts, unit: millis}
            id: viewer
            context: room
            type: {column: type, map: {join: JOIN, chat: CHAT, leave: LEAVE}}
            """, "mapping", MappingSettings.class);

    static final List<TargetSettings> TARGETS =
            YamlFile.parse("""
                    targets:
                      - {name: chat-1m, kind: viewer, any-of: [CHAT], within: 1m, snapshot-on: [JOIN], at-most-every: 0s}
                      - {name: stay-5m, kind: viewer, none-of: [LEAVE], within: 5m, snapshot-on: [JOIN], at-most-every: 0s}
                    """, "targets", Targets.File.class).targets();

    /** One small learner and a version every 100 examples. */
    static final BacktestConfig QUICK = YamlFile.parse("""
            learners:
              - {family: logistic, learning-rate: 0.01}
            batch: {size: 16}
            publish: {every: 1h, every-examples: 100}
            gate: {least-examples: 32}
            """, "config", BacktestConfig.class);

    static final long START = 1_700_000_000_000L;

    private TestLogs() {}

    /** Whether a viewer chats after a join. */
    @FunctionalInterface
    interface Habit {
        boolean chats(int viewer, Random random);
    }

    /** Joins, each perhaps followed by a chat within a minute and by a leave some minutes later; in order of time. */
    static List<CanonicalEvent> joins(long seed, int count, Habit habit) {
        Random random = new Random(seed);
        List<CanonicalEvent> events = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int viewer = random.nextInt(40);
            long time = START + i * 60_000L;
            events.add(event(events.size(), viewer, "JOIN", time));
            if (habit.chats(viewer, random)) {
                events.add(event(events.size(), viewer, "CHAT", time + 1_000 + random.nextInt(50_000)));
            }
            events.add(event(events.size(), viewer, "LEAVE", time + 120_000 + random.nextInt(400_000)));
        }
        events.sort(Comparator.comparingLong(CanonicalEvent::timeMillis));
        return events;
    }

    private static CanonicalEvent event(int id, int viewer, String type, long time) {
        return CanonicalEventBuilder.builder()
                .eventId("e" + id)
                .entityId("v" + viewer)
                .contextId("room")
                .timeMillis(time)
                .type(type)
                .numbers(Map.of())
                .attributes(Map.of())
                .build();
    }

    /**
     * Days with some visits each: joins, chats and leaves, a few of them repeated, late or too late. Every month other viewers
     * come, beside a few who always do; every quarter of a year those chat who did not.
     */
    static List<CanonicalEvent> days(long seed, int days, int visitsADay) {
        Random random = new Random(seed);
        List<CanonicalEvent> events = new ArrayList<>();
        for (int day = 0; day < days; day++) {
            long time = START + day * DAY_MILLIS;
            for (int visit = 0; visit < visitsADay; visit++) {
                time += 60_000 + random.nextInt((int) (DAY_MILLIS / visitsADay) - 1_000_000);
                int regular = random.nextInt(REGULARS + OTHERS);
                String viewer = regular < REGULARS ? "v" + regular : "v" + regular + "-" + day / 30;
                boolean chats = (regular % 2 == 0) == (day / 91 % 2 == 0);
                String device = "d" + regular % 5;
                events.add(event(events.size(), viewer, "JOIN", time, device, random));
                for (int chat = 0; chat < (chats ? 1 + random.nextInt(3) : random.nextInt(6) / 5); chat++) {
                    events.add(event(events.size(), viewer, "CHAT", time + random.nextInt(90_000), device, random));
                }
                long left = time + 30_000 + random.nextInt(400_000);
                events.add(event(events.size(), viewer, "LEAVE", left, device, random));
                if (random.nextInt(20) == 0) {
                    events.add(events.getLast());
                }
                if (random.nextInt(20) == 0) {
                    events.add(event(events.size(), viewer, "CHAT", time - random.nextInt(600_000), device, random));
                }
            }
        }
        return events;
    }

    private static CanonicalEvent event(int id, String viewer, String type, long time, String device, Random random) {
        return CanonicalEventBuilder.builder()
                .eventId("e" + id)
                .entityId(viewer)
                .contextId("r" + id % 3)
                .timeMillis(time)
                .type(type)
                .numbers(random.nextInt(4) == 0 ? Map.of() : Map.of("length", (double) random.nextInt(200)))
                .attributes(Map.of("device", device))
                .build();
    }

    /** A history of anything at any time, some of it repeated, some a little late, some too late. */
    static List<CanonicalEvent> chaos(long seed, int count) {
        Random random = new Random(seed);
        String[] types = {"JOIN", "CHAT", "CHAT", "LEAVE", "JOIN"};
        List<CanonicalEvent> events = new ArrayList<>();
        long time = START;
        for (int i = 0; i < count; i++) {
            time += random.nextInt(10) == 0 ? random.nextInt(600_000) : random.nextInt(20_000);
            long shift = switch (random.nextInt(12)) {
                case 0 -> -random.nextInt(5_000);
                case 1 -> -5_000 - random.nextInt(300_000);
                default -> 0;
            };
            events.add(CanonicalEventBuilder.builder()
                    .eventId("e" + i)
                    .entityId("v" + random.nextInt(12))
                    .contextId("r" + random.nextInt(3))
                    .timeMillis(time + shift)
                    .type(types[random.nextInt(types.length)])
                    .numbers(random.nextInt(4) == 0 ? Map.of() : Map.of("length", (double) random.nextInt(200)))
                    .attributes(Map.of("device", "d" + random.nextInt(5)))
                    .build());
            if (random.nextInt(15) == 0) {
                events.add(events.get(events.size() - 1 - random.nextInt(Math.min(40, events.size()))));
            }
        }
        return events;
    }
}
