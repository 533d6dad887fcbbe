package io.livepredict.trainer.learner;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.trainer.evaluation.Metrics;
import io.livepredict.trainer.evaluation.PrequentialTable;
import io.livepredict.trainer.family.TrainableModel;
import io.livepredict.trainer.publish.GoldenRows;
import io.livepredict.trainer.publish.Manifests;
import io.livepredict.trainer.publish.ModelRunner;
import io.livepredict.trainer.publish.PublishGate;
import io.livepredict.trainer.publish.PublishSettings;
import io.livepredict.trainer.publish.Published;
import io.livepredict.trainer.publish.TrainingProgress;
import io.livepredict.trainer.publish.VersionLedger;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes versions of the champion: when one is due, whether the gate lets it through, and which number it gets. Part of a
 * learner's state. Not safe for use from several threads.
 */
final class VersionMaker {
    private static final Logger LOG = LoggerFactory.getLogger(VersionMaker.class);
    /** The same refusal is logged once in this time. */
    private static final long REFUSAL_LOG_MILLIS = 60_000;

    private final KindLearnerSettings settings;
    private final PrequentialTable table;
    private final VersionLedger ledger;
    private final PublishGate gate;

    private final Map<PublishGate.Reason, Long> refusals = new EnumMap<>(PublishGate.Reason.class);
    private long version;
    private long publishedExamples;
    private long lastTryAt;
    private long lastTryExamples;
    private long lastBytes;

    private long refusalLoggedAt = Long.MIN_VALUE;
    private PublishGate.@Nullable Reason refusalLogged;

    VersionMaker(KindLearnerSettings settings, PrequentialTable table, ModelRunner runner, VersionLedger ledger) {
        this.settings = settings;
        this.table = table;
        this.ledger = ledger;
        gate = new PublishGate(settings.versions().gate(), runner);
    }

    /**
     * What a version would be made of.
     *
     * @param place the champion's in the table
     */
    record Candidate(int place, Learner champion, FeatureSchema schema, TrainingProgress progress) {}

    /** The version last published; 0 for none. */
    long version() {
        return version;
    }

    /** How often the gate did not let one through, by reason. */
    Map<PublishGate.Reason, Long> refusals() {
        return refusals;
    }

    /** Whether something was learned since the last version, enough of it, and the cadence allows the next try. */
    boolean isDue(long nowMillis, long examples) {
        PublishSettings publish = settings.versions().publish();
        return publish.isNews(examples, examples - publishedExamples, nowMillis - lastTryAt)
                && examples >= settings.versions().gate().leastExamples()
                && examples > 0
                && publish.isDue(nowMillis - lastTryAt, examples, examples - lastTryExamples, lastBytes);
    }

    /** Tries to make one. As {@link KindLearner#maybePublish(long, Runnable)}, of which this is the second half. */
    Optional<Published> make(Candidate candidate, long nowMillis, Runnable beforeNumbering) {
        lastTryAt = nowMillis;
        lastTryExamples = candidate.progress.examples();
        lastBytes = 0;
        PublishGate.Rows rows = usual -> GoldenRows.of(
                candidate.schema,
                usual,
                settings.versions().gate().goldenRows(),
                settings.targets().size(),
                GoldenRows.Ids.any());
        return switch (gate.check(candidate.champion.model(), table.againstServed(candidate.place), rows)) {
            case PublishGate.Verdict.Refused refused -> {
                refuse(refused, candidate.champion.name(), nowMillis);
                yield Optional.empty();
            }
            case PublishGate.Verdict.Passed passed -> {
                refusalLogged = null;
                beforeNumbering.run();
                yield number(candidate, passed, nowMillis);
            }
        };
    }

    private void refuse(PublishGate.Verdict.Refused refused, String learner, long nowMillis) {
        refusals.merge(refused.reason(), 1L, Long::sum);
        if (refused.reason() != refusalLogged || nowMillis - refusalLoggedAt >= REFUSAL_LOG_MILLIS) {
            refusalLogged = refused.reason();
            refusalLoggedAt = nowMillis;
            LOG.warn(
                    "{}: {} not published, {}: {}; version {} stays; {} refusals so far",
                    settings.kind().id(),
                    learner,
                    refused.reason(),
                    refused.figures(),
                    version,
                    refusals.values().stream().mapToLong(Long::longValue).sum());
        }
    }

    private Optional<Published> number(Candidate candidate, PublishGate.Verdict.Passed passed, long nowMillis) {
        String hash = Hashes.sha256(passed.onnx());
        long parent = version;
        version = ledger.next(version, hash);
        publishedExamples = candidate.progress.examples();
        lastBytes = passed.onnx().length;
        if (ledger.holds(version, hash)) {
            return Optional.empty();
        }
        Manifests.Facts facts = new Manifests.Facts(
                new Manifests.Identity(settings.kind().id(), version, parent, Instant.ofEpochMilli(nowMillis)),
                candidate.champion.model().family(),
                candidate.progress,
                manifestMetrics(candidate.champion.name()),
                settings.versions().origin(),
                candidate.champion.model().usual());
        return Optional.of(new Published(
                Manifests.ofHeads(
                        facts,
                        candidate.schema,
                        heads(candidate.champion.model()),
                        passed.onnx(),
                        passed.golden(),
                        passed.goldenScores()),
                passed.onnx()));
    }

    private List<ModelManifest.Head> heads(TrainableModel model) {
        List<ModelManifest.Head> heads = new ArrayList<>();
        for (Target target : settings.targets()) {
            heads.add(new ModelManifest.Head(target.name(), target.definition(), !model.hasLearned(heads.size())));
        }
        return heads;
    }

    private Map<String, Map<String, Double>> manifestMetrics(String learner) {
        Map<String, Map<String, Double>> metrics = new TreeMap<>();
        for (PrequentialTable.Line line : table.lines()) {
            Map<String, Double> named = metrics.computeIfAbsent(line.target(), absent -> new TreeMap<>());
            Metrics recent = line.windowed();
            if (line.scorer().equals(learner)) {
                named.putAll(recent.named(line.binary()));
            } else if (line.scorer().equals(PrequentialTable.SERVED)
                    || line.scorer().equals(PrequentialTable.BASE_RATE)) {
                if (Double.isFinite(recent.loss())) {
                    named.put(line.scorer().replace('-', '_') + (line.binary() ? "_log_loss" : "_mse"), recent.loss());
                }
            }
        }
        return metrics;
    }

    void writeRefusals(DataOutput out) throws IOException {
        for (PublishGate.Reason reason : PublishGate.Reason.values()) {
            out.writeLong(refusals.getOrDefault(reason, 0L));
        }
    }

    void readRefusals(DataInput in) throws IOException {
        for (PublishGate.Reason reason : PublishGate.Reason.values()) {
            refusals.put(reason, in.readLong());
        }
    }

    void write(DataOutput out) throws IOException {
        for (long value : new long[] {version, publishedExamples, lastTryAt, lastTryExamples, lastBytes}) {
            out.writeLong(value);
        }
    }

    void read(DataInput in) throws IOException {
        version = in.readLong();
        publishedExamples = in.readLong();
        lastTryAt = in.readLong();
        lastTryExamples = in.readLong();
        lastBytes = in.readLong();
    }
}
