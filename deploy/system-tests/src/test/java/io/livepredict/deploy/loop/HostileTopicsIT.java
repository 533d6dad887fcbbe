package io.livepredict.deploy.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.Kind;
import io.livepredict.contract.ModelPointer;
import io.livepredict.contract.Topic;
import io.livepredict.contract.Topics;
import io.livepredict.deploy.local.Ports;
import io.livepredict.deploy.report.TopicPositions;
import io.livepredict.deploy.report.TopicScan;
import io.livepredict.model.ModelCollector;
import io.livepredict.model.ModelKeys;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.SigningKey;
import io.livepredict.topics.TopicReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Somebody without a key writes what he likes to the topics that both programs read: nothing ends, no memory is filled,
 * serving and learning go on, before and after a restart, and what he wrote is counted and said in a few lines.
 */
class HostileTopicsIT {
    private static final String NAME = "viewer";
    /** The heap of the programs is 256 MB. */
    private static final int FLOOD_MB = 400;

    private static final int SOAK_FLOOD_MB = 2_048;

    @TempDir
    Path directory;

    @Test
    void shouldGoOnServingAndLearningWhateverIsWrittenByWhoHasNoKey() throws Exception {
        attack(FLOOD_MB, 300);
    }

    @Test
    @Tag("soak")
    void shouldGoOnServingAndLearningUnderAFloodOfTwoGigabytes() throws Exception {
        attack(SOAK_FLOOD_MB, 5_000);
    }

    private void attack(int megabytes, int each) throws Exception {
        try (Installation installation = new Installation(
                        directory, "hostile" + megabytes, Installation.AS_RECORDED, SimulatedMeaning.yaml());
                SteadyLoad load = SteadyLoad.start(installation, 4, 100, 5);
                Program app = Program.start(directory, "app", true, installation);
                Program trainer = Program.start(directory, "trainer", false, installation)) {
            app.awaitReady();
            trainer.awaitReady();
            await().atMost(Installation.PATIENCE).until(() -> app.version() >= 3);
            List<Raw> real = records(installation, installation.topics().models());
            ModelPointer oldPin =
                    pin(installation, models(installation).versions(NAME).first());
            await().atMost(Installation.PATIENCE).until(() -> pointerIsNot(installation, oldPin));

            Random random = new Random(7);
            write(installation, random, real, each);
            flood(installation, random, megabytes);
            // The very pin that was taken back, by whoever has kept it.
            installation.send(
                    installation.topics().models(),
                    ModelKeys.serving(NAME),
                    ModelPacker.pointer(oldPin, installation.signer()).value());
            installation.flush();

            long reached = models(installation).maxVersion(NAME);
            assertThat(reached).isBetween(1L, 100_000L);
            goesOn(installation, app, trainer, reached, load);
            assertThat(app.metric("livepredict_model_records_ignored_total")).isGreaterThan(each);
            assertThat(trainer.metric("livepredict_trainer_records_ignored_total"))
                    .isGreaterThan(each);
            assertThat(app.get("/metrics") + trainer.get("/metrics")).doesNotContain("hostile-name");

            // And once more, from the beginning of all that.
            trainer.kill();
            app.kill();
            trainer.restart();
            app.restart();
            app.awaitReady();
            trainer.awaitReady();
            goesOn(installation, app, trainer, models(installation).maxVersion(NAME), load);
            load.stop();
            assertThat(app.linesWith(" counts for nothing, ")).isBetween(1L, 200L);
            assertThat(trainer.linesWith(" counts for nothing, ")).isBetween(1L, 200L);
            assertThat(app.linesWith("OutOfMemoryError") + trainer.linesWith("OutOfMemoryError"))
                    .isZero();
        }
    }

    /** New versions are made and served, and predictions are made with them. */
    private static void goesOn(Installation installation, Program app, Program trainer, long reached, SteadyLoad load) {
        TopicPositions before = installation.ends();
        await().atMost(Installation.PATIENCE).until(() -> {
            app.assertAlive();
            trainer.assertAlive();
            return app.version() > reached;
        });
        int sent = load.count();
        await().atMost(Installation.PATIENCE).until(() -> load.count() > sent + 50);
        await().atMost(Installation.PATIENCE)
                .until(() -> !records(installation, installation.topics().predictions(), before)
                        .isEmpty());
        assertThat(app.isReady()).isTrue();
        assertThat(trainer.isReady()).isTrue();
    }

    /** A record as it lies in its topic. */
    @SuppressWarnings("ArrayRecordComponent") // written again, never compared
    private record Raw(byte @Nullable [] key, byte @Nullable [] value) {}

    private static List<Raw> records(Installation installation, Topic<?, ?> topic) {
        return records(installation, topic, TopicPositions.beginning());
    }

    private static List<Raw> records(Installation installation, Topic<?, ?> topic, TopicPositions from) {
        List<Raw> records = new ArrayList<>();
        TopicScan.scan(
                installation.client(), topic.name(), from, each -> records.add(new Raw(each.key(), each.value())));
        return records;
    }

    private static ModelCollector models(Installation installation) {
        ModelCollector collector = new ModelCollector(installation.verifier(), Set.of(NAME));
        TopicReader.readToEnd(
                installation.kafka().consumer("hostile-test"),
                installation.topics().models(),
                collector::accept);
        return collector;
    }

    /** An operator pins a version, and takes it back. */
    private static ModelPointer pin(Installation installation, long version) throws Exception {
        ModelCollector models = models(installation);
        ModelPointer now = models.serving(NAME).orElseThrow();
        ModelPointer pin = new ModelPointer(
                NAME,
                version,
                true,
                models.manifestSha256(NAME, version),
                ModelPointer.issueAfter(models.serving(NAME), Instant.now()).toString());
        ModelPointer back = new ModelPointer(
                NAME,
                now.version(),
                false,
                now.manifestSha256(),
                ModelPointer.issueAfter(Optional.of(pin), Instant.now()).toString());
        for (ModelPointer pointer : List.of(pin, back)) {
            installation.send(
                    installation.topics().models(),
                    ModelKeys.serving(NAME),
                    ModelPacker.pointer(pointer, installation.signer()).value());
        }
        installation.flush();
        return pin;
    }

    private static boolean pointerIsNot(Installation installation, ModelPointer pin) {
        ModelPointer serving = models(installation).serving(NAME).orElseThrow();
        return !serving.pinned() && serving.version() != pin.version();
    }

    /** Random records, real ones mutated, real ones under other keys, real ones again, and tombstones. */
    private static void write(Installation installation, Random random, List<Raw> models, int each) {
        Topics topics = installation.topics();
        List<Topic<?, ?>> all = List.of(
                topics.models(),
                topics.learnerState(),
                topics.featureSchemas(),
                topics.labelledExamples(Kind.VIEWER),
                topics.labelledExamples(Kind.PLAYER));
        installation.sendRaw(topics.models().name(), null, utf8("player/999999999999999999/0"), utf8("0123456789"));
        installation.sendRaw(topics.models().name(), null, utf8("viewer/999999999999999999/0"), null);
        installation.sendRaw(topics.models().name(), null, utf8("viewer/999999999999999999"), null);
        ModelSigner stranger = new ModelSigner(topics.namespace(), SigningKey.generate());
        ModelPointer forged = new ModelPointer(NAME, 999_999_999_999_999_999L, true, "", "2100-01-01T00:00:00Z");
        installation.send(
                topics.models(),
                ModelKeys.serving(NAME),
                ModelPacker.pointer(forged, stranger).value());
        for (Topic<?, ?> topic : all) {
            List<Raw> real = topic.name().equals(topics.models().name()) ? models : records(installation, topic);
            for (int i = 0; i < each; i++) {
                Raw one = real.isEmpty() ? new Raw(null, null) : real.get(random.nextInt(real.size()));
                byte[] key = switch (random.nextInt(4)) {
                    case 0 -> null;
                    case 1 -> bytes(random, 1 + random.nextInt(30));
                    case 2 -> utf8("hostile-name-" + i + "/" + (1 + random.nextInt(1_000_000)));
                    default -> one.key();
                };
                byte[] value =
                        random.nextInt(3) == 0 ? bytes(random, random.nextInt(300)) : mutated(random, one.value());
                // A compacted topic takes no record without a key; a real key with nothing under it would delete.
                boolean deletes = value == null || value.length == 0;
                installation.sendRaw(
                        topic.name(), null, key == null ? bytes(random, 8) : key, deletes ? new byte[] {1} : value);
            }
        }
        models.forEach(raw -> {
            if (raw.value() != null) {
                installation.sendRaw(topics.models().name(), null, raw.key(), raw.value());
            }
        });
        installation.flush();
    }

    private static byte @Nullable [] mutated(Random random, byte @Nullable [] value) {
        if (value == null || value.length == 0) {
            return value;
        }
        byte[] changed = value.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return changed;
    }

    /** Chunks that nobody signs, of made-up versions of a model that is served, of ever higher numbers. */
    private static void flood(Installation installation, Random random, int megabytes) {
        byte[] data = bytes(random, ModelPacker.CHUNK_BYTES);
        for (int i = 0; i * (long) data.length < (long) megabytes << 20; i++) {
            int index = i % 700;
            installation.send(
                    installation.topics().models(),
                    ModelKeys.chunk(NAME, 900_000_000_000L + i / 700, index),
                    new ModelRecord(new ModelChunk(index, 700, ByteBuffer.wrap(data))));
        }
        installation.flush();
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** One of the two programs as a process of its own, asked over its HTTP endpoint. */
    private static final class Program implements AutoCloseable {
        private static final HttpClient HTTP = HttpClient.newHttpClient();

        private final ProcessBuilder builder;
        private final Path log;
        private final int port;
        private Process process;

        private Program(ProcessBuilder builder, Path log, int port) throws IOException {
            this.builder = builder;
            this.log = log;
            this.port = port;
            process = builder.start();
        }

        static Program start(Path directory, String name, boolean app, Installation installation) throws IOException {
            Path log = directory.resolve(name + ".log");
            ProcessBuilder builder = (app
                            ? Programs.streamsApp(
                                    "run",
                                    "--config",
                                    installation.streamsConfig().toString())
                            : Programs.trainer(
                                    "run",
                                    "--config",
                                    installation.trainerConfig().toString()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            int port = Ports.free();
            builder.environment().put("LIVEPREDICT_HTTP__PORT", Integer.toString(port));
            return new Program(builder, log, port);
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        void restart() throws IOException {
            process = builder.start();
        }

        void assertAlive() {
            assertThat(process.isAlive())
                    .as(() -> "it goes on; it said: " + said())
                    .isTrue();
        }

        void awaitReady() {
            await().atMost(Installation.PATIENCE).until(() -> {
                assertAlive();
                return isReady();
            });
        }

        boolean isReady() {
            return answer("/ready").map(answer -> answer.statusCode() == 200).orElse(false);
        }

        /** The version of the viewers' model that is active. */
        long version() {
            try {
                return new ObjectMapper()
                        .readTree(get("/model"))
                        .at("/" + NAME + "/version")
                        .asLong();
            } catch (IOException e) {
                return 0; // not an answer yet
            }
        }

        /** The sum of a metric over its labels. */
        long metric(String name) {
            return get("/metrics")
                    .lines()
                    .filter(line -> line.startsWith(name + "{"))
                    .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }

        String get(String path) {
            return answer(path).map(HttpResponse::body).orElse("");
        }

        private Optional<HttpResponse<String>> answer(String path) {
            try {
                return Optional.of(HTTP.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(5))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            } catch (IOException e) {
                return Optional.empty(); // not up yet
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }

        long linesWith(String words) throws IOException {
            try (var lines = Files.lines(log)) {
                return lines.filter(line -> line.contains(words)).count();
            }
        }

        private String said() {
            try {
                return Files.readString(log);
            } catch (IOException e) {
                return "nothing (" + e.getMessage() + ")";
            }
        }

        @Override
        public void close() throws InterruptedException {
            kill();
        }
    }
}
