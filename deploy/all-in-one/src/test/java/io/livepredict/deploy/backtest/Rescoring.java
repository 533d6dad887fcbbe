package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.avro.LabelledExample;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.OnnxModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.trainer.publish.Published;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Scores logged vectors again with the versions that the log names for them. */
final class Rescoring implements AutoCloseable {
    private final Map<String, Scorer> scorers = new HashMap<>();
    private final Map<String, OnnxModel> models = new HashMap<>();

    /** What the version says to the example's vector for that target; its prior where it has no head for it. */
    float score(Published version, LabelledExample example, FeatureSchema schema, Target target) throws Exception {
        String use = version.manifest().version() + " " + schema.id() + ' ' + target.name() + ' ' + target.definition();
        Scorer scorer = scorers.get(use);
        if (scorer == null) {
            OnnxModel model = OnnxModel.build(
                    OnnxRuntime.start(new Device.Cpu()), version.onnx(), version.manifest(), schema, List.of(target));
            models.put(use, model);
            scorer = model.newScorer(1, new DirectBuffers());
            scorers.put(use, scorer);
        }
        FeatureVector vector = new FeatureVector(schema);
        FeatureVector.read(example.getDense(), vector.dense);
        FeatureVector.read(example.getSequenceTypes(), vector.sequenceTypes);
        FeatureVector.read(example.getSequenceGaps(), vector.sequenceGaps);
        FeatureVector.read(example.getIds(), vector.ids);
        float[] score = new float[1];
        scorer.score(new FeatureVector[] {vector}, 1, score);
        return score[0];
    }

    /** The exported model says in the app what the learner said when it was exported. */
    static void checkExport(Published version, FeatureSchema schema, List<Target> targets) throws Exception {
        ModelManifest manifest = version.manifest();
        try (OnnxModel model =
                OnnxModel.build(OnnxRuntime.start(new Device.Cpu()), version.onnx(), manifest, schema, targets)) {
            for (ModelManifest.GoldenRow golden : manifest.golden()) {
                float[] scores = model.scoreOwn(new FeatureVector[] {golden.vector()})[0];
                for (int head = 0; head < scores.length; head++) {
                    double bound = 1e-5 * Math.max(1, Math.abs(golden.scores()[head]));
                    assertThat(Math.abs(scores[head] - golden.scores()[head]))
                            .as(
                                    "version %d, head %s: app and trainer differ",
                                    manifest.version(), manifest.targets().get(head))
                            .isLessThanOrEqualTo((float) bound);
                }
            }
        }
    }

    @Override
    public void close() {
        scorers.values().forEach(Scorer::close);
        models.values().forEach(OnnxModel::close);
    }
}
