package io.livepredict.streams.score.onnx;

import ai.onnx.proto.OnnxMl;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.livepredict.contract.OnnxContract;
import io.livepredict.onnx.OrtProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ONNX Runtime on the device that was chosen at start; makes sessions. Settings are those that measured best for small
 * models called from many threads (RATIONALE.md): one thread per session, no spinning.
 */
public final class OnnxRuntime {
    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntime.class);

    private final OrtEnvironment environment;
    /** CUDA's number of the GPU, or -1 for the CPU. */
    private final int gpu;

    private OnnxRuntime(OrtEnvironment environment, int gpu) {
        this.environment = environment;
        this.gpu = gpu;
    }

    /** Starts on the CPU, which is always there. */
    public static OnnxRuntime onCpu() {
        try {
            return start(new Device.Cpu());
        } catch (DeviceException e) {
            throw new IllegalStateException("ONNX Runtime does not start on the CPU", e);
        }
    }

    /**
     * Starts on that device and logs one line that says which and, where the CPU was not asked for, why.
     *
     * @throws DeviceException if a GPU was asked for and can't be used
     */
    public static OnnxRuntime start(Device device) throws DeviceException {
        OrtEnvironment environment;
        try {
            environment = OrtProcess.environment();
        } catch (IllegalStateException e) {
            throw new DeviceException(String.valueOf(e.getMessage()), e);
        }
        OnnxRuntime cpu = new OnnxRuntime(environment, -1);
        return switch (device) {
            case Device.Cpu ignored -> {
                LOG.info("scoring on the CPU");
                yield cpu;
            }
            case Device.Cuda asked -> {
                int index = asked.index();
                Optional<String> obstacle = obstacle();
                if (obstacle.isPresent()) {
                    throw new DeviceException("device cuda:" + index + " can't be used: " + obstacle.get());
                }
                OnnxRuntime cuda = new OnnxRuntime(environment, index);
                try {
                    cuda.probe();
                } catch (OrtException e) {
                    throw new DeviceException("device cuda:" + index + " can't be used: " + oneLine(e), e);
                }
                LOG.info("scoring on the GPU, cuda:{}", index);
                yield cuda;
            }
            case Device.Auto ignored -> {
                Optional<String> obstacle = obstacle();
                if (obstacle.isPresent()) {
                    LOG.info("scoring on the CPU: {}", obstacle.get());
                    yield cpu;
                }
                OnnxRuntime cuda = new OnnxRuntime(environment, 0);
                try {
                    cuda.probe();
                } catch (OrtException e) {
                    LOG.info("scoring on the CPU: the GPU can't be used: {}", oneLine(e));
                    yield cpu;
                }
                LOG.info("scoring on the GPU, cuda:0");
                yield cuda;
            }
        };
    }

    /** {@code cpu} or {@code cuda:N}. */
    public String device() {
        return gpu < 0 ? "cpu" : "cuda:" + gpu;
    }

    OrtEnvironment environment() {
        return environment;
    }

    OrtSession session(byte[] onnx) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            if (gpu < 0) {
                return environment.createSession(onnx, options);
            }
            try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(gpu)) {
                // TF32 keeps ten bits of a factor: scores would not be those of the trainer and of the CPU.
                cuda.add("use_tf32", "0");
                options.addCUDA(cuda);
                return environment.createSession(onnx, options);
            }
        }
    }

    /** Why no GPU can be used, found out without loading CUDA: a failing attempt takes 8 s and unpacks 586 MB. */
    private static Optional<String> obstacle() {
        if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
            return Optional.of("this build carries ONNX Runtime for the CPU only; build with mvn -Pgpu for a GPU");
        }
        if (driver() == null) {
            return Optional.of(
                    "there is no NVIDIA driver on this machine (no /proc/driver/nvidia/version, no libcuda)");
        }
        return Optional.empty();
    }

    private static @Nullable Path driver() {
        String libraries = System.getenv().getOrDefault("LD_LIBRARY_PATH", "");
        boolean windows =
                System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("windows");
        Stream<Path> places = windows
                ? Stream.of(
                        Path.of(System.getenv().getOrDefault("SystemRoot", "C:\\Windows"), "System32", "nvcuda.dll"))
                : Stream.concat(
                        List.of(
                                Path.of("/proc/driver/nvidia/version"),
                                Path.of("/usr/lib/x86_64-linux-gnu/libcuda.so.1"),
                                Path.of("/usr/lib64/libcuda.so.1"),
                                Path.of("/usr/lib/libcuda.so.1"),
                                Path.of("/usr/lib/wsl/lib/libcuda.so.1"),
                                Path.of("/usr/local/nvidia/lib64/libcuda.so.1"))
                                .stream(),
                        Stream.of(libraries.split(":"))
                                .filter(folder -> !folder.isBlank())
                                .map(folder -> Path.of(folder, "libcuda.so.1")));
        return places.filter(Files::exists).findFirst().orElse(null);
    }

    /** Builds the smallest of sessions on the device, so that what is wrong with it is known at start. */
    private void probe() throws OrtException {
        OnnxMl.TypeProto.Builder type = OnnxMl.TypeProto.newBuilder()
                .setTensorType(OnnxMl.TypeProto.Tensor.newBuilder()
                        .setElemType(OnnxMl.TensorProto.DataType.FLOAT.getNumber())
                        .setShape(OnnxMl.TensorShapeProto.newBuilder()
                                .addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder()
                                        .setDimValue(1))));
        byte[] identity = OnnxMl.ModelProto.newBuilder()
                .setIrVersion(OnnxContract.IR_VERSION)
                .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setVersion(OnnxContract.OPSET))
                .setGraph(OnnxMl.GraphProto.newBuilder()
                        .setName("probe")
                        .addInput(
                                OnnxMl.ValueInfoProto.newBuilder().setName("x").setType(type))
                        .addOutput(
                                OnnxMl.ValueInfoProto.newBuilder().setName("y").setType(type))
                        .addNode(OnnxMl.NodeProto.newBuilder()
                                .setOpType("Neg")
                                .addInput("x")
                                .addOutput("y")))
                .build()
                .toByteArray();
        session(identity).close();
    }

    static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null
                ? e.getClass().getSimpleName()
                : message.replaceAll("\\s+", " ").strip();
    }
}
