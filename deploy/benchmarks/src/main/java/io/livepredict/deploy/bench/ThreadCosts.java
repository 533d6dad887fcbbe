package io.livepredict.deploy.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What this process's threads have cost so far, by group. Threads of Java are exact; those of the JVM itself are counted in the
 * system's clock ticks of 10 ms, on Linux only, so measure seconds. A thread that ends takes its costs along.
 */
record ThreadCosts(Map<Group, Cost> byGroup) {
    private static final Path TASKS = Path.of("/proc/self/task");
    private static final double NANOS_PER_TICK = 1e7;
    /** In a task's {@code stat}, behind the name: the fields of the time as a user and in the system. */
    private static final int USER = 11;

    /** Whose threads; the first that fits. */
    enum Group {
        STREAM_THREAD("stream thread"),
        PRODUCER("producer's sender"),
        CLIENT("app's other threads"),
        BENCHMARK("the benchmark itself"),
        GC("garbage collection"),
        JIT("compilation"),
        ROCKSDB("RocksDB's background"),
        BROKER("broker and the rest");

        final String words;

        Group(String words) {
            this.words = words;
        }

        /** That of a thread of Java. */
        static Group of(String thread, String application) {
            if (thread.contains(application)) {
                if (thread.startsWith("kafka-producer-network-thread")) {
                    return PRODUCER;
                }
                return thread.startsWith(application) && thread.contains("-StreamThread-") ? STREAM_THREAD : CLIENT;
            }
            return thread.equals("main") || thread.startsWith("JFR ") || thread.contains("bench-admin")
                    ? BENCHMARK
                    : BROKER;
        }

        /** That of a thread of the JVM or a library, by the system's name for it; {@link #BROKER} where it is neither. */
        static Group ofNative(String task) {
            if (task.startsWith("GC ") || task.startsWith("G1 ") || task.equals("VM Thread")) {
                return GC; // the serial collector runs in the VM's thread
            }
            if (task.startsWith("C1 ") || task.startsWith("C2 ")) {
                return JIT;
            }
            if (task.startsWith("JFR ")) {
                return BENCHMARK;
            }
            return task.startsWith("rocksdb") ? ROCKSDB : BROKER;
        }
    }

    /**
     * A group's.
     *
     * @param nanos of processor time
     * @param bytes allocated on the heap
     */
    record Cost(double nanos, double bytes) {
        static final Cost NONE = new Cost(0, 0);

        Cost plus(Cost other) {
            return new Cost(nanos + other.nanos, bytes + other.bytes);
        }

        Cost minus(Cost other) {
            return new Cost(nanos - other.nanos, bytes - other.bytes);
        }
    }

    /** Up to now. */
    static ThreadCosts now(String application) {
        Map<Group, Cost> costs = new EnumMap<>(Group.class);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (ThreadInfo thread : threads.getThreadInfo(threads.getAllThreadIds())) {
            if (thread != null) {
                double nanos = Math.max(0, threads.getThreadCpuTime(thread.getThreadId()));
                double bytes = Math.max(0, threads.getThreadAllocatedBytes(thread.getThreadId()));
                costs.merge(Group.of(thread.getThreadName(), application), new Cost(nanos, bytes), Cost::plus);
            }
        }
        for (String stat : tasks()) {
            Group group = Group.ofNative(stat.substring(stat.indexOf('(') + 1, stat.lastIndexOf(')')));
            if (group != Group.BROKER) {
                String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
                double ticks = Double.parseDouble(fields[USER]) + Double.parseDouble(fields[USER + 1]);
                costs.merge(group, new Cost(ticks * NANOS_PER_TICK, 0), Cost::plus);
            }
        }
        double all = ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
        double known = costs.values().stream().mapToDouble(Cost::nanos).sum();
        costs.merge(Group.BROKER, new Cost(Math.max(0, all - known), 0), Cost::plus);
        return new ThreadCosts(costs);
    }

    private static List<String> tasks() {
        if (!Files.isDirectory(TASKS)) {
            return List.of();
        }
        try (Stream<Path> tasks = Files.list(TASKS)) {
            return tasks.flatMap(ThreadCosts::stat).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<String> stat(Path task) {
        try {
            return Stream.of(Files.readString(task.resolve("stat")));
        } catch (IOException e) {
            return Stream.empty(); // it has ended
        }
    }

    /** What has come since. */
    ThreadCosts since(ThreadCosts earlier) {
        Map<Group, Cost> difference = new EnumMap<>(Group.class);
        byGroup.forEach(
                (group, cost) -> difference.put(group, cost.minus(earlier.byGroup.getOrDefault(group, Cost.NONE))));
        return new ThreadCosts(difference);
    }

    Cost of(Group group) {
        return byGroup.getOrDefault(group, Cost.NONE);
    }

    /** Of all groups. */
    Cost all() {
        return byGroup.values().stream().reduce(Cost.NONE, Cost::plus);
    }
}
