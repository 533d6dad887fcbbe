package io.livepredict.trainer.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.Target;
import io.livepredict.model.ModelArtifact;
import io.livepredict.model.ModelJson;
import io.livepredict.trainer.family.BatchLayout;
import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.family.FamilySettings;
import io.livepredict.trainer.family.HedgedModel;
import io.livepredict.trainer.family.TrainableModels;
import io.livepredict.trainer.ort.OrtRuntime;
import io.livepredict.trainer.publish.ImportedModel;
import io.livepredict.trainer.publish.ModelOperator.RefusedOperationException;
import io.livepredict.trainer.publish.RuntimeModelRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code models export} wrote goes in again as it is. */
class ReimportTest {
    private static final FeatureSchema SCHEMA = Imports.schema("a", "b", "c");
    private static final List<Target> TARGETS = List.of(Imports.target("leaves", true), Imports.target("spent", false));

    @TempDir
    Path folder;

    private final RuntimeModelRunner runner = new RuntimeModelRunner(new OrtRuntime());
    private final ExampleBatch rows = Imports.rows(SCHEMA, 64);

    /** A model that takes all there is: dense features, the last events, ids. */
    private byte[] exported(FamilySettings family) {
        HedgedModel model = TrainableModels.hedged(family, new BatchLayout(SCHEMA, TARGETS), 64, 1, new OrtRuntime());
        return model.export();
    }

    private ModelImport.Checked imported(Path file, FeatureSchema schema) throws Exception {
        return new ModelImport(runner, 8)
                .check(ModelFile.read(file), Imports.NOTHING_SAID, schema, TARGETS, Imports.rows(schema, 64));
    }

    @Test
    void shouldTakeAnExportedModelWithItsManifestAndWithout() throws Exception {
        for (FamilySettings family : List.of(
                FamilySettings.WideAndDeep.defaults(),
                FamilySettings.Gru.defaults(),
                FamilySettings.Logistic.defaults())) {
            byte[] onnx = exported(family);
            Path file = Files.write(folder.resolve("served.onnx"), onnx);
            Files.deleteIfExists(folder.resolve("served.json"));
            ModelImport.Checked byPosition = imported(file, SCHEMA);
            ModelManifest manifest =
                    byPosition.version(5, Instant.EPOCH, "commit", "hash").manifest();
            Files.writeString(folder.resolve("served.json"), ModelJson.write(manifest));
            ModelImport.Checked byManifest = imported(file, SCHEMA);

            assertThat(byPosition.notes()).anySatisfy(note -> assertThat(note).contains("by position"));
            assertThat(byManifest.notes()).anySatisfy(note -> assertThat(note).contains("manifest beside it"));
            assertThat(byManifest.onnx()).isEqualTo(onnx);
            assertThat(byManifest.newest().scores())
                    .isEqualTo(byPosition.newest().scores());
            assertThat(byManifest.heads()).isEqualTo(TARGETS);
            assertScoredBesideTheLearners(manifest, onnx);
        }
    }

    /** As the trainer compares it: on batches of all features. */
    private void assertScoredBesideTheLearners(ModelManifest manifest, byte[] onnx) throws Exception {
        ExampleBatch all = new ExampleBatch(64, SCHEMA, TARGETS.size());
        Rows.copy(rows, 0, 64, all);
        float[] alone = runner.scores(onnx, all);
        float[] beside = new float[64 * TARGETS.size()];
        try (ImportedModel model = ImportedModel.load(new ModelArtifact(manifest, onnx), runner, SCHEMA, TARGETS, 64)) {
            model.scores(all, beside);
        }
        assertThat(beside).isEqualTo(alone);
        assertThat(alone[0]).isPositive();
    }

    @Test
    void shouldSayWhichFeatureOfItsManifestIsGone() throws Exception {
        Path file = Files.write(folder.resolve("served.onnx"), exported(FamilySettings.Logistic.defaults()));
        Files.writeString(
                folder.resolve("served.json"),
                ModelJson.write(imported(file, SCHEMA)
                        .version(5, Instant.EPOCH, "commit", "hash")
                        .manifest()));
        assertThatThrownBy(() -> imported(file, Imports.schema("a", "b", "d")))
                .isInstanceOf(RefusedOperationException.class)
                .hasMessageContaining("does not have by name and definition: c");
    }
}
