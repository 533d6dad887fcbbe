package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Hashes;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The committed records of an app's changelogs, in order, by store, partition and key; values by their hashes. What is written under a key depends
 * only on the events that came before, so two runs over the same events have the same records, whatever befell them.
 */
final class Changelogs {
    /** How far event time has come is stored at each commit, and commits come when they come: only the last one counts. */
    private static final String WATERMARK = "activity-changelog";

    /** So is how many predictions were withheld. */
    private static final byte[] WITHHELD = {0, 1};

    private final Map<String, List<String>> byKey = new TreeMap<>();

    private Changelogs() {}

    /** Reads them all. */
    static Changelogs of(Installation installation) {
        Changelogs changelogs = new Changelogs();
        String prefix = installation.streams().applicationId();
        for (String topic : installation.topicNames()) {
            // What the outlook has stored depends on when tasks commit and in what order their parts come.
            if (topic.startsWith(prefix) && topic.endsWith("-changelog") && !topic.contains("-outlook-")) {
                String store = topic.substring(prefix.length());
                TopicScan.scan(installation.client(), topic, TopicPositions.beginning(), each -> {
                    List<String> values = changelogs.byKey.computeIfAbsent(
                            store + ' ' + each.partition() + ' ' + hex(each.key()), key -> new ArrayList<>());
                    if (store.endsWith(WATERMARK) && each.key().length == 1 || Arrays.equals(each.key(), WITHHELD)) {
                        values.clear();
                    }
                    values.add(
                            each.value() == null
                                    ? "removed"
                                    : Hashes.sha256(each.value()).substring(0, 16));
                });
            }
        }
        return changelogs;
    }

    /** Record by record. */
    void assertSameAs(Changelogs others) {
        assertThat(byKey.keySet()).isEqualTo(others.byKey.keySet());
        others.byKey.forEach((key, values) -> assertThat(byKey.get(key)).as(key).isEqualTo(values));
    }

    /** How many records there are. */
    int size() {
        return byKey.values().stream().mapToInt(List::size).sum();
    }

    /** How many of them belong to a store of that name's ending. */
    int size(String store) {
        return byKey.entrySet().stream()
                .filter(entry -> entry.getKey().contains(store + "-changelog "))
                .mapToInt(entry -> entry.getValue().size())
                .sum();
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
