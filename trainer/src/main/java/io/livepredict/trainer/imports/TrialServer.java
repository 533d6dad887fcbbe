package io.livepredict.trainer.imports;

import io.livepredict.trainer.family.ExampleBatch;
import io.livepredict.trainer.publish.ModelRunner;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;

/** The far side of {@link ChildModelRunner}: loads and runs models for it, one request after the other. */
public final class TrialServer {
    static final byte LOAD = 1;
    static final byte SCORE = 2;
    static final byte CLOSE = 3;
    static final byte DONE = 0;
    static final byte FAILED = 1;
    /** Says that the process is up; whatever comes before it on the stream is none of ours. */
    static final int READY = 0x4C505452;

    private static final int LONGEST_MESSAGE = 4_000;

    private final ModelRunner runner;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final Map<Integer, ModelRunner.Loaded> loaded = new HashMap<>();

    /** @param runner what runs the models */
    public TrialServer(ModelRunner runner, InputStream in, OutputStream out) {
        this.runner = runner;
        this.in = new DataInputStream(new BufferedInputStream(in));
        this.out = new DataOutputStream(new BufferedOutputStream(out));
    }

    /** Serves until the other side closes the stream. */
    public void serve() throws IOException {
        out.writeInt(READY);
        out.flush();
        try {
            while (true) {
                serveOne(in.readByte());
                out.flush();
            }
        } catch (EOFException e) {
            loaded.values().forEach(ModelRunner.Loaded::close);
        }
    }

    private void serveOne(byte request) throws IOException {
        int id = in.readInt();
        switch (request) {
            case LOAD -> {
                byte[] onnx = in.readNBytes(in.readInt());
                try {
                    loaded.put(id, runner.load(onnx));
                    out.writeByte(DONE);
                } catch (ModelRunner.ModelRunnerException e) {
                    failed(e);
                }
            }
            case SCORE -> score(id, readRows());
            default -> {
                ModelRunner.Loaded model = loaded.remove(id);
                if (model != null) {
                    model.close();
                }
                out.writeByte(DONE);
            }
        }
    }

    private void score(int id, ExampleBatch rows) throws IOException {
        ModelRunner.Loaded model = loaded.get(id);
        float[] scores = new float[rows.size * rows.targets];
        try {
            if (model == null) {
                throw new IOException("a model is asked for that was not loaded");
            }
            model.scores(rows, scores);
        } catch (ModelRunner.ModelRunnerException e) {
            failed(e);
            return;
        }
        out.writeByte(DONE);
        for (float score : scores) {
            out.writeFloat(score);
        }
    }

    private void failed(ModelRunner.ModelRunnerException e) throws IOException {
        String message = String.valueOf(e.getMessage());
        out.writeByte(FAILED);
        out.writeUTF(message.substring(0, Math.min(LONGEST_MESSAGE, message.length())));
    }

    static void writeRows(DataOutputStream out, ExampleBatch rows) throws IOException {
        out.writeInt(rows.size);
        out.writeInt(rows.denseWidth);
        out.writeInt(rows.sequenceLength);
        out.writeInt(rows.idWidth);
        out.writeInt(rows.targets);
        floats(out, rows.dense, rows.size * rows.denseWidth);
        ints(out, rows.sequenceTypes, rows.size * rows.sequenceLength);
        floats(out, rows.sequenceGaps, rows.size * rows.sequenceLength);
        ints(out, rows.ids, rows.size * rows.idWidth);
    }

    private ExampleBatch readRows() throws IOException {
        int size = in.readInt();
        ExampleBatch rows = new ExampleBatch(size, in.readInt(), in.readInt(), in.readInt(), in.readInt());
        rows.size = size;
        for (int i = 0; i < rows.dense.length; i++) {
            rows.dense[i] = in.readFloat();
        }
        for (int i = 0; i < rows.sequenceTypes.length; i++) {
            rows.sequenceTypes[i] = in.readInt();
        }
        for (int i = 0; i < rows.sequenceGaps.length; i++) {
            rows.sequenceGaps[i] = in.readFloat();
        }
        for (int i = 0; i < rows.ids.length; i++) {
            rows.ids[i] = in.readInt();
        }
        return rows;
    }

    private static void floats(DataOutputStream out, float[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            out.writeFloat(values[i]);
        }
    }

    private static void ints(DataOutputStream out, int[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            out.writeInt(values[i]);
        }
    }
}
