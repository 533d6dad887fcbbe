package io.livepredict.deploy.report;

import io.livepredict.contract.Kind;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How many predictions the targets' {@code emit} has withheld since the run began: tasks keep it in their state, so that it
 * is exact whatever happened to them. Read from the changelogs.
 */
final class WithheldCount {
    private static final byte[] KEY = {0, 1};

    private WithheldCount() {}

    static long of(ReportRequest request) {
        long[] sum = {0};
        for (Kind kind : Kind.values()) {
            String changelog = request.installation().applicationId() + '-' + kind.id() + "-open-changelog";
            Map<Integer, Long> before = new HashMap<>();
            Map<Integer, Long> last = new HashMap<>();
            TopicScan.scan(request.source().client(), changelog, TopicPositions.beginning(), each -> {
                if (Arrays.equals(each.key(), KEY) && each.value() != null) {
                    long count = count(new String(each.value(), StandardCharsets.UTF_8));
                    last.put(each.partition(), count);
                    if (each.offset() < request.source().from().from(new TopicPartition(changelog, each.partition()))) {
                        before.put(each.partition(), count);
                    }
                }
            });
            last.forEach((partition, count) -> sum[0] += count - before.getOrDefault(partition, 0L));
        }
        return sum[0];
    }

    /** A line a target, its name and the count. */
    private static long count(String lines) {
        return lines.lines()
                .mapToLong(line -> Long.parseLong(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
