package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.cli.CommandFrame;
import io.livepredict.cli.Table;
import io.livepredict.contract.FeatureVector;
import io.livepredict.contract.Kind;
import io.livepredict.deploy.report.RunReport;
import io.livepredict.settings.KindsAndTargets;
import io.livepredict.streams.activity.FeatureDefinitions;
import io.livepredict.streams.score.DirectBuffers;
import io.livepredict.streams.score.Scorer;
import io.livepredict.streams.score.ScoringException;
import io.livepredict.streams.score.onnx.Device;
import io.livepredict.streams.score.onnx.MissingInputException;
import io.livepredict.streams.score.onnx.OnnxModel;
import io.livepredict.streams.score.onnx.OnnxRuntime;
import io.livepredict.streams.score.onnx.SessionFailedException;
import io.livepredict.streams.score.onnx.WrongShapeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code deploy/bench device}: whether another device scores as the CPU does, from which batch size on it is faster, and what swaps cost it. */
@Command(
        name = "device",
        header = "Scoring on a GPU beside the CPU.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Models of every family on a device beside the CPU: by how much scores and reasons differ, time by"
                        + " batch size, and memory over many versions. For a GPU the project is built with -Pgpu.")
final class DeviceBench implements Callable<Integer> {
    /** Memory is measured from here on, after what is loaded once has been loaded. */
    private static final double SETTLED = 0.2;

    private static final String SWAPPED = "mlp";

    /** A timing takes calls until so much has passed. */
    private static final long TIMING_NANOS = 60_000_000;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(
            names = "--device",
            defaultValue = "cuda:0",
            description = "The device beside the CPU; default: ${DEFAULT-VALUE}.")
    private String name = "cuda:0";

    @Option(
            names = "--rows",
            defaultValue = "100000",
            description = "Random rows that are compared; default: ${DEFAULT-VALUE}.")
    private int rows;

    @Option(
            names = "--batches",
            split = ",",
            defaultValue = "1,16,64,256,1024,4096,16384",
            description = "Batch sizes; default: ${DEFAULT-VALUE}.")
    private List<Integer> batches = List.of();

    @Option(
            names = "--rounds",
            defaultValue = "7",
            description = "Repetitions of each timing, both in turn; default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--swaps",
            defaultValue = "500",
            description = "Versions that are built, used and let go; default: ${DEFAULT-VALUE}.")
    private int swaps;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there as JSON.")
    private @Nullable Path json;

    private final ObjectNode report = JsonNodeFactory.instance.objectNode();

    @Override
    public Integer call() throws Exception {
        Options.atLeast(spec, "--rows", rows, 1);
        Options.atLeast(spec, "--rounds", rounds, 1);
        Options.atLeast(spec, "--swaps", swaps, 2);
        for (int batch : batches) {
            Options.atLeast(spec, "--batches", batch, 1);
        }
        OnnxRuntime cpu = OnnxRuntime.start(new Device.Cpu());
        OnnxRuntime device;
        try {
            device = OnnxRuntime.start(Device.of(name));
        } catch (IllegalArgumentException e) {
            throw CommandFrame.wrongUsage(spec, "--device: " + e.getMessage());
        }
        Conditions conditions = Conditions.of(spec);
        KindsAndTargets meaning = SimulatedRun.Meaning.read().resolve();
        DeviceModels models = new DeviceModels(
                FeatureDefinitions.schema(meaning.definition(Kind.VIEWER)), meaning.targets(Kind.VIEWER));
        report.put("device", device.device());
        List<DeviceModels.Exported> exported = models.all();
        compare(cpu, device, models, exported);
        sweep(cpu, device, models, exported);
        swap(
                device,
                models,
                exported.stream()
                        .filter(each -> each.family().equals(SWAPPED))
                        .findFirst()
                        .orElseThrow());
        report.set("conditions", conditions.json());
        if (json != null) {
            RunReport.write(report, json);
        }
        return 0;
    }

    private void compare(OnnxRuntime cpu, OnnxRuntime device, DeviceModels models, List<DeviceModels.Exported> exported)
            throws Exception {
        FeatureVector[] random = models.rows(rows, 2);
        System.out.printf(
                Locale.ROOT,
                "%nLargest differences over %,d random rows and %d targets%n%n",
                rows,
                models.targets.size());
        Table table = new Table(
                "family",
                "scores, " + device.device() + " from CPU",
                "golden rows, " + device.device() + " from trainer",
                "contributions of the top reasons");
        for (DeviceModels.Exported each : exported) {
            try (OnnxModel here = build(cpu, models, each);
                    OnnxModel there = build(device, models, each)) {
                DeviceParity parity = DeviceParity.of(here, there, each.manifest(), random);
                table.row(
                        each.family(),
                        String.format(Locale.ROOT, "%.1e", parity.scores()),
                        String.format(Locale.ROOT, "%.1e", parity.golden()),
                        String.format(Locale.ROOT, "%.1e", parity.reasons()));
                report.withObject("/parity/" + each.family())
                        .put("scores", parity.scores())
                        .put("golden_rows", parity.golden())
                        .put("reasons", parity.reasons());
            }
        }
        System.out.print(table.markdown());
    }

    private static OnnxModel build(OnnxRuntime runtime, DeviceModels models, DeviceModels.Exported exported)
            throws MissingInputException, WrongShapeException, SessionFailedException {
        return OnnxModel.build(runtime, exported.onnx(), exported.manifest(), models.schema, models.targets);
    }

    private void sweep(OnnxRuntime cpu, OnnxRuntime device, DeviceModels models, List<DeviceModels.Exported> exported)
            throws Exception {
        System.out.printf(Locale.ROOT, "%nµs per call, CPU / %s, median of %d rounds%n%n", device.device(), rounds);
        List<String> head = new ArrayList<>(List.of("family"));
        batches.forEach(batch -> head.add(String.format(Locale.ROOT, "%,d", batch)));
        head.add("faster from");
        Table table = new Table(head);
        for (DeviceModels.Exported each : exported) {
            List<String> row = new ArrayList<>(List.of(each.family()));
            ArrayNode points = report.withArray("/sweep/" + each.family());
            int faster = -1;
            try (OnnxModel here = build(cpu, models, each);
                    OnnxModel there = build(device, models, each)) {
                for (int batch : batches) {
                    double[] micros = micros(here, there, models.rows(batch, 3), models.targets.size());
                    row.add(String.format(Locale.ROOT, "%.1f / %.1f", micros[0], micros[1]));
                    points.addObject()
                            .put("batch", batch)
                            .put("cpu_us", micros[0])
                            .put("device_us", micros[1]);
                    faster = micros[1] < micros[0] ? faster < 0 ? batch : faster : -1;
                }
            }
            row.add(faster < 0 ? "never" : Integer.toString(faster));
            table.row(row);
        }
        System.out.print(table.markdown());
    }

    private double[] micros(OnnxModel here, OnnxModel there, FeatureVector[] rows, int targets)
            throws ScoringException {
        float[] scores = new float[rows.length * targets];
        double[][] times = new double[2][rounds];
        try (Scorer a = here.newScorer(rows.length, new DirectBuffers());
                Scorer b = there.newScorer(rows.length, new DirectBuffers())) {
            for (int round = -1; round < rounds; round++) {
                double first = micros(a, rows, scores);
                double second = micros(b, rows, scores);
                if (round >= 0) {
                    times[0][round] = first;
                    times[1][round] = second;
                }
            }
        }
        return new double[] {
            Spread.of(Arrays.stream(times[0])).median(),
            Spread.of(Arrays.stream(times[1])).median()
        };
    }

    private static double micros(Scorer scorer, FeatureVector[] rows, float[] into) throws ScoringException {
        long began = System.nanoTime();
        long end;
        int calls = 0;
        do {
            scorer.score(rows, rows.length, into);
            calls++;
            end = System.nanoTime();
        } while (end - began < TIMING_NANOS);
        return (end - began) / 1e3 / calls;
    }

    private void swap(OnnxRuntime device, DeviceModels models, DeviceModels.Exported exported) throws Exception {
        FeatureVector[] batch = models.rows(64, 4);
        float[] scores = new float[batch.length * models.targets.size()];
        DirectBuffers buffers = new DirectBuffers();
        long[] resident = new long[swaps];
        long[] onDevice = new long[swaps];
        long[] nanos = new long[swaps];
        for (int version = 0; version < swaps; version++) {
            long began = System.nanoTime();
            try (OnnxModel model = build(device, models, exported);
                    Scorer scorer = model.newScorer(batch.length, buffers)) {
                scorer.score(batch, batch.length, scores);
                nanos[version] = System.nanoTime() - began;
            }
            resident[version] = residentBytes().orElse(0);
            onDevice[version] = version % 20 == 0 || version == swaps - 1
                    ? deviceMebibytes().orElse(-1)
                    : -1;
        }
        int from = (int) (swaps * SETTLED);
        long[] seen = LongStream.of(onDevice).filter(m -> m >= 0).toArray();
        double slope = slope(resident, from);
        double median =
                Spread.of(Arrays.stream(nanos).mapToDouble(n -> n / 1e3)).median();
        System.out.printf(
                Locale.ROOT,
                "%n%d versions of an %s on %s: built and first used in %.0f µs (median); resident memory %.0f MiB after"
                        + " %d and %.0f MiB at the end, %.1f KiB a version; on the GPU %s%n",
                swaps,
                exported.family(),
                device.device(),
                median,
                resident[from] / 1048576.0,
                from + 1,
                resident[swaps - 1] / 1048576.0,
                slope / 1024,
                seen.length == 0 ? "not known" : Arrays.stream(seen).boxed().toList() + " MiB, every 20");
        ObjectNode node = report.withObject("/swaps");
        node.put("versions", swaps)
                .put("build_us", median)
                .put("resident_bytes_a_version", slope)
                .put("resident_bytes_settled", resident[from])
                .put("resident_bytes_end", resident[swaps - 1]);
        ArrayNode gpu = node.putArray("device_mebibytes");
        Arrays.stream(seen).forEach(gpu::add);
    }

    /** Growth in bytes per version, by least squares. */
    private static double slope(long[] bytes, int from) {
        double mean = LongStream.of(bytes).skip(from).average().orElse(0);
        double middle = (from + bytes.length - 1) / 2.0;
        double covariance = 0;
        double variance = 0;
        for (int i = from; i < bytes.length; i++) {
            covariance += (i - middle) * (bytes[i] - mean);
            variance += (i - middle) * (i - middle);
        }
        return covariance / variance;
    }

    private static OptionalLong residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return OptionalLong.empty();
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst();
    }

    /** As the driver's own tool counts it; nothing where there is none. */
    private static OptionalLong deviceMebibytes() throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0
                    ? out.lines()
                            .mapToLong(line -> Long.parseLong(line.strip()))
                            .findFirst()
                    : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            return OptionalLong.empty();
        }
    }
}
