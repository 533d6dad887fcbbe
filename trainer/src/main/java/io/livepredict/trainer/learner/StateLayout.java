package io.livepredict.trainer.learner;

import io.livepredict.contract.DenseFeature;
import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.IdFeature;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Scale;
import io.livepredict.contract.Target;
import io.livepredict.contract.TargetBuilder;
import io.livepredict.trainer.family.ModelState;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** How the pieces of a learner's state are written, so that equal states are equal bytes. Big-endian throughout. */
final class StateLayout {
    /** "LPLS" and the layout's version. */
    static final int MAGIC = 0x4c504c53;

    static final int VERSION = 4;

    /** The oldest layout that is still read. */
    static final int OLDEST_READ = 3;

    /** From this layout on, a state says which examples are learned from once more. */
    static final int WITH_REPLAY = 4;

    private StateLayout() {}

    static void write(DataOutput out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static String readText(DataInput in) throws IOException {
        byte[] bytes = new byte[size(in, 1 << 20)];
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static int size(DataInput in, int most) throws IOException {
        int size = in.readInt();
        if (size < 0 || size > most) {
            throw new IOException("a length of " + size + " where at most " + most + " can be");
        }
        return size;
    }

    static void write(DataOutput out, ModelState state) throws IOException {
        Map<String, ModelState.Tensor> tensors = new TreeMap<>(state.tensors());
        out.writeInt(tensors.size());
        for (Map.Entry<String, ModelState.Tensor> entry : tensors.entrySet()) {
            write(out, entry.getKey());
            long[] shape = entry.getValue().shape();
            out.writeByte(shape.length);
            for (long dimension : shape) {
                out.writeLong(dimension);
            }
            float[] values = entry.getValue().values();
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
            bytes.asFloatBuffer().put(values);
            out.writeInt(values.length);
            out.write(bytes.array());
        }
    }

    static ModelState readModelState(DataInput in) throws IOException {
        int count = size(in, 100_000);
        Map<String, ModelState.Tensor> tensors = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            String name = readText(in);
            long[] shape = new long[in.readUnsignedByte()];
            for (int d = 0; d < shape.length; d++) {
                shape[d] = in.readLong();
            }
            float[] values = new float[size(in, 1 << 28)];
            byte[] bytes = new byte[values.length * Float.BYTES];
            in.readFully(bytes);
            ByteBuffer.wrap(bytes).asFloatBuffer().get(values);
            tensors.put(name, new ModelState.Tensor(shape, values));
        }
        return new ModelState(tensors);
    }

    static void write(DataOutput out, FeatureSchema schema) throws IOException {
        write(out, schema.kind().id());
        out.writeInt(schema.dense().size());
        for (DenseFeature f : schema.dense()) {
            write(out, f.name());
            write(out, f.words());
            write(out, f.scale().name());
            write(out, f.definition());
        }
        writeTexts(out, schema.eventTypes());
        out.writeInt(schema.sequenceLength());
        write(out, schema.sequenceDefinition());
        out.writeInt(schema.ids().size());
        for (IdFeature f : schema.ids()) {
            write(out, f.name());
            write(out, f.words());
            out.writeInt(f.buckets());
            write(out, f.definition());
        }
    }

    static FeatureSchema readSchema(DataInput in) throws IOException {
        Kind kind = Kind.of(readText(in));
        List<DenseFeature> dense = new ArrayList<>();
        for (int i = size(in, 1 << 20); i > 0; i--) {
            dense.add(new DenseFeature(readText(in), readText(in), Scale.valueOf(readText(in)), readText(in)));
        }
        List<String> eventTypes = readTexts(in);
        int sequenceLength = in.readInt();
        String sequenceDefinition = readText(in);
        List<IdFeature> ids = new ArrayList<>();
        for (int i = size(in, 1 << 20); i > 0; i--) {
            ids.add(new IdFeature(readText(in), readText(in), in.readInt(), readText(in)));
        }
        return new FeatureSchema(kind, dense, eventTypes, sequenceLength, sequenceDefinition, ids);
    }

    static void write(DataOutput out, Target target) throws IOException {
        write(out, target.name());
        write(out, target.kind().id());
        write(out, target.outcome().name());
        writeTexts(out, target.eventTypes());
        String number = target.number();
        out.writeBoolean(number != null);
        if (number != null) {
            write(out, number);
        }
        out.writeLong(target.within().toMillis());
        write(out, target.scope().name());
        writeTexts(out, target.predictOn());
        writeTexts(out, target.snapshotOn());
        out.writeLong(target.atMostEvery().toMillis());
        out.writeDouble(target.prior());
    }

    static Target readTarget(DataInput in) throws IOException {
        String name = readText(in);
        Kind kind = Kind.of(readText(in));
        Target.Outcome outcome = Target.Outcome.valueOf(readText(in));
        Set<String> eventTypes = new LinkedHashSet<>(readTexts(in));
        String number = in.readBoolean() ? readText(in) : null;
        Duration within = Duration.ofMillis(in.readLong());
        Target.Scope scope = Target.Scope.valueOf(readText(in));
        Set<String> predictOn = new LinkedHashSet<>(readTexts(in));
        Set<String> snapshotOn = new LinkedHashSet<>(readTexts(in));
        return TargetBuilder.builder()
                .name(name)
                .kind(kind)
                .outcome(outcome)
                .eventTypes(eventTypes)
                .number(number)
                .within(within)
                .scope(scope)
                .predictOn(predictOn)
                .snapshotOn(snapshotOn)
                .atMostEvery(Duration.ofMillis(in.readLong()))
                .prior(in.readDouble())
                .build();
    }

    private static void writeTexts(DataOutput out, Collection<String> texts) throws IOException {
        out.writeInt(texts.size());
        for (String text : texts) {
            write(out, text);
        }
    }

    private static List<String> readTexts(DataInput in) throws IOException {
        List<String> texts = new ArrayList<>();
        for (int i = size(in, 1 << 20); i > 0; i--) {
            texts.add(readText(in));
        }
        return texts;
    }
}
