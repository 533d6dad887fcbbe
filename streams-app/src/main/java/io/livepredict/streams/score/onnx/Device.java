package io.livepredict.streams.score.onnx;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where models run. */
public sealed interface Device {
    /** On the GPU where there is one that works, otherwise on the CPU, saying why. */
    record Auto() implements Device {}

    /** On the CPU. */
    record Cpu() implements Device {}

    /**
     * On that GPU and on nothing else.
     *
     * @param index CUDA's number of it, from 0
     */
    record Cuda(int index) implements Device {}

    /**
     * Reads {@code auto}, {@code cpu}, {@code cuda} or {@code cuda:N}.
     *
     * @throws IllegalArgumentException if it is none of them
     */
    static Device of(String text) {
        Matcher cuda = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(text);
        if (text.equals("auto")) {
            return new Auto();
        } else if (text.equals("cpu")) {
            return new Cpu();
        } else if (cuda.matches()) {
            return new Cuda(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
        }
        throw new IllegalArgumentException("device '" + text + "' must be auto, cpu, cuda or cuda:N");
    }
}
