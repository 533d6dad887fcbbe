package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.Alert;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topic;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.streams.output.RowSchema;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;

/**
 * What an installation sent that can be acted on, as read committed, without the clock's times: each record in words, and how
 * often it is there.
 */
record ActedOn(
        Map<String, Integer> predictions,
        Map<String, Integer> rows,
        Map<String, Integer> alerts,
        Map<String, Integer> outlook) {

    /** Reads all of it, of an installation that sends all of it. */
    static ActedOn of(Installation installation) {
        RowSchema schema = installation.streams().outputs().rows().orElseThrow();
        Map<String, Integer> cells = new TreeMap<>();
        Topic<String, GenericRecord> rows = installation.topics().predictionRows(schema.schema());
        scan(
                installation,
                rows,
                row -> schema.predictions(row).forEach(each -> cells.merge(words(each), 1, Integer::sum)));
        return new ActedOn(
                words(installation, installation.topics().predictions(), ActedOn::words),
                cells,
                words(installation, installation.topics().alerts(), ActedOn::words),
                words(installation, installation.topics().outlook(), Outlook::toString));
    }

    private static String words(Prediction each) {
        return each.getKind()
                + ' '
                + each.getEntityId()
                + ' '
                + each.getEventId()
                + ' '
                + each.getTarget()
                + ' '
                + each.getScore()
                + ' '
                + each.getModelVersion();
    }

    private static String words(Alert each) {
        Alert timeless =
                Alert.newBuilder(each).setDecidedAt(each.getEventTime()).build();
        return timeless.toString();
    }

    private static <V> Map<String, Integer> words(
            Installation installation, Topic<String, V> topic, Function<V, String> words) {
        Map<String, Integer> counts = new TreeMap<>();
        scan(installation, topic, each -> counts.merge(words.apply(each), 1, Integer::sum));
        return counts;
    }

    private static <V> void scan(Installation installation, Topic<String, V> topic, Consumer<V> taker) {
        TopicScan.scan(
                installation.client(),
                topic.name(),
                TopicPositions.beginning(),
                each -> taker.accept(topic.value().deserializer().deserialize(topic.name(), each.value())));
    }

    /** Each record once, and none that others lack. */
    void assertSameAs(ActedOn others) {
        assertSame(predictions, others.predictions);
        assertSame(rows, predictions);
        assertSame(alerts, others.alerts);
        assertSame(outlook, others.outlook);
        assertThat(alerts.values()).containsOnly(1);
        assertThat(outlook.values()).containsOnly(1);
    }

    /** By what only one of the two has: all would fill pages. */
    private static void assertSame(Map<String, Integer> ours, Map<String, Integer> theirs) {
        Map<String, Integer> extra = new TreeMap<>(ours);
        extra.entrySet().removeAll(theirs.entrySet());
        Map<String, Integer> missing = new TreeMap<>(theirs);
        missing.entrySet().removeAll(ours.entrySet());
        assertThat(extra).as("missing are %s; there too are", missing).isEmpty();
        assertThat(missing).as("missing").isEmpty();
    }

    @Override
    public String toString() {
        return predictions.size() + " predictions, " + rows.size() + " in rows, " + alerts.size()
                + " raises and clears, " + outlook.size() + " records of the outlook";
    }
}
