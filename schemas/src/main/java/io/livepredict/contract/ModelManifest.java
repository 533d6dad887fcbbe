package io.livepredict.contract;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * What a model version says of itself; JSON in the models topic, signed over its very bytes.
 *
 * @param format version of this layout; a reader refuses another than it knows
 * @param name the model's name: the kind's id
 * @param version from 1, never reused
 * @param parentVersion the version it was trained on from, 0 for none
 * @param createdAt ISO-8601, UTC
 * @param family logistic, mlp, … or imported
 * @param dense dense inputs in the model's order; empty where it has no such input
 * @param eventTypes the event types behind the sequence codes, in code order from 1; empty where it has no sequence
 * @param sequenceLength K, 0 where it has no sequence input
 * @param sequenceDefinition hash of what the sequence is, empty where it has none
 * @param ids id inputs in the model's order
 * @param targets heads in output order
 * @param bytes length of the ONNX file
 * @param chunks in how many chunks it travels
 * @param sha256 of the ONNX bytes, hex
 * @param trainingOffsets partition to next offset of the examples it has learned from
 * @param examples how many examples it has learned from
 * @param lastExampleEmittedAt emitted_at of the newest of them, epoch milliseconds, 0 for none
 * @param metrics prequential metrics by target name, then metric name
 * @param gitCommit of the trainer's build
 * @param configurationHash of the trainer's configuration
 * @param golden rows with the scores they must give
 * @param usual for each dense input what it usually is; empty where that is not known, as in manifests of older builds
 */
@RecordBuilder
public record ModelManifest(
        int format,
        String name,
        long version,
        long parentVersion,
        String createdAt,
        String family,
        List<Feature> dense,
        List<String> eventTypes,
        int sequenceLength,
        String sequenceDefinition,
        List<Feature> ids,
        List<Head> targets,
        int bytes,
        int chunks,
        String sha256,
        Map<Integer, Long> trainingOffsets,
        long examples,
        long lastExampleEmittedAt,
        Map<String, Map<String, Double>> metrics,
        String gitCommit,
        String configurationHash,
        List<GoldenRow> golden,
        List<Usual> usual) {

    public ModelManifest {
        // Whoever builds one without these says nothing of them.
        usual = usual == null ? List.of() : List.copyOf(usual);
    }

    /** The layout of what is signed, manifests and pointers alike: this build writes and reads this one. */
    public static final int FORMAT = 2;

    /** The family of a model that a user brought. */
    public static final String IMPORTED = "imported";

    /**
     * What a dense input usually is, so that a scorer that no longer has it can hold it there.
     *
     * @param mean its running mean, as a raw value
     * @param share of the weight of all inputs, 0..1
     */
    public record Usual(float mean, float share) {}

    /** An input by name and definition. */
    public record Feature(String name, String definition) {}

    /**
     * A head: the target it predicts, by name and definition.
     *
     * @param unlearned whether it has not learned from a single label yet, so that its target's configured prior says as
     *     much
     */
    public record Head(String name, String definition, boolean unlearned) {
        /** A head that has learned. */
        public Head(String name, String definition) {
            this(name, definition, false);
        }
    }

    /**
     * An input row in the model's own order and the scores it must give.
     *
     * @param dense raw dense values
     * @param sequenceTypes codes into {@link #eventTypes}, from 1
     * @param sequenceGaps gaps
     * @param ids ids
     * @param scores one per head
     */
    @SuppressWarnings("ArrayRecordComponent") // a value for JSON; never compared
    public record GoldenRow(float[] dense, int[] sequenceTypes, float[] sequenceGaps, int[] ids, float[] scores) {
        /**
         * The inputs. It is not asked whether they are those that a manifest lists.
         *
         * @throws IndexOutOfBoundsException if there are more gaps than event types
         */
        public FeatureVector vector() {
            FeatureVector vector = new FeatureVector(dense.length, sequenceTypes.length, ids.length);
            System.arraycopy(dense, 0, vector.dense, 0, dense.length);
            System.arraycopy(sequenceTypes, 0, vector.sequenceTypes, 0, sequenceTypes.length);
            System.arraycopy(sequenceGaps, 0, vector.sequenceGaps, 0, sequenceGaps.length);
            System.arraycopy(ids, 0, vector.ids, 0, ids.length);
            return vector;
        }
    }
}
