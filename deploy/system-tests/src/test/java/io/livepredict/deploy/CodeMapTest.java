package io.livepredict.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Every row of the code map in docs/architecture.md: which packages a package knows, and which packages know a library. The
 * test fails for a package that is not listed, that knows more than its row says, or that no longer knows what its row
 * says; so whoever adds a dependency sees it in the diff.
 */
class CodeMapTest {
    /** Package → the packages of ours that it may know. Packages are named without {@code io.livepredict.}. */
    private static final Map<String, Set<String>> KNOWS = rows("""
            cli: contract
            contract: avro
            csv:
            deploy.access: contract
            deploy.backtest: avro cli contract deploy.replay deploy.report model serde settings streams.config
                streams.ingest streams.mapping streams.metrics streams.model streams.output streams.score
                streams.score.onnx streams.state streams.step streams.topology streams.wiring trainer.chart
                trainer.config trainer.evaluation trainer.learner trainer.publish trainer.wiring
            deploy.bench: avro cli contract deploy.backtest deploy.local deploy.replay deploy.report
                deploy.simulator model serde settings streams.activity streams.choice streams.config streams.ingest streams.mapping
                streams.metrics streams.model streams.output streams.score streams.score.onnx streams.state streams.step
                streams.time streams.topology streams.wiring topics trainer.chart trainer.cli trainer.config
                trainer.evaluation trainer.family trainer.learner trainer.optimiser trainer.ort trainer.publish
                trainer.ranking trainer.wiring
            deploy.connect: avro serde settings
            deploy.console.cli: cli deploy.console.config deploy.console.wiring
            deploy.console.config: contract settings
            deploy.console.live: avro contract deploy.console.series model
            deploy.console.series:
            deploy.console.source: serde topics
            deploy.console.web: contract deploy.console.live deploy.console.series deploy.console.source settings
            deploy.console.wiring: contract deploy.console.config deploy.console.live deploy.console.source
                deploy.console.web model serde settings topics
            deploy.feed: contract
            deploy.load: avro contract deploy.replay serde settings streams.config streams.context streams.ingest
                streams.mapping streams.progress streams.step streams.time topics
            deploy.local: avro cli contract deploy.console.config deploy.console.wiring
                deploy.replay deploy.report deploy.simulator model serde settings streams.config
                streams.mapping streams.metrics streams.wiring topics trainer.config trainer.learner
                trainer.wiring
            deploy.replay: contract csv deploy.feed settings streams.mapping
            deploy.report: avro contract model serde settings streams.config streams.output streams.time topics
                trainer.evaluation
            deploy.simulator: avro contract deploy.feed topics
            deploy.tools: cli contract deploy.access deploy.load deploy.report deploy.simulator serde settings
                streams.config streams.ingest streams.mapping topics
            http: contract settings tls
            logging:
            model: avro contract settings
            onnx:
            serde: avro contract settings tls
            settings: contract
            streams.api: contract http settings streams.activity streams.context streams.ingest streams.model
                streams.outcome streams.outlook streams.score streams.state streams.step streams.topology
            streams.activity: contract streams.commit streams.ingest streams.looks streams.state streams.step streams.time
            streams.choice: avro contract streams.activity streams.commit streams.ingest streams.state streams.step
            streams.cli: cli contract serde streams.config streams.deadletters streams.erasure streams.ingest streams.wiring
                topics
            streams.client: logging serde
            streams.commit:
            streams.config: contract settings streams.activity streams.choice streams.context streams.ingest
                streams.mapping streams.outcome streams.output streams.score streams.score.onnx streams.time
            streams.context: contract streams.activity streams.commit streams.ingest streams.state streams.step
                streams.time
            streams.deadletters: cli contract serde settings streams.config streams.ingest streams.mapping streams.time
                topics
            streams.erasure: avro cli contract serde settings streams.config streams.erasure.flow streams.ingest topics
            streams.erasure.flow: contract streams.ingest streams.step
            streams.ingest: contract serde streams.commit streams.mapping streams.state streams.step
                streams.time
            streams.looks: contract streams.state
            streams.mapping: contract settings
            streams.metrics: contract http model streams.activity streams.choice streams.ingest streams.mapping streams.model
                streams.outcome streams.score streams.time streams.topology
            streams.model: avro contract logging model serde streams.score streams.score.onnx topics
            streams.outcome: avro contract streams.commit streams.ingest streams.output streams.score streams.state
                streams.step streams.targets streams.time
            streams.outlook: avro contract streams.commit streams.state streams.step streams.targets streams.time
            streams.output: avro contract streams.ingest streams.outlook streams.score streams.state streams.step
                streams.targets streams.time
            streams.progress: avro contract streams.time topics
            streams.score: contract logging streams.activity streams.commit streams.ingest streams.step
            streams.score.onnx: contract onnx streams.score
            streams.state:
            streams.step: contract streams.state
            streams.targets: contract
            streams.time: contract streams.state
            streams.topology: contract streams.activity streams.choice streams.context streams.erasure.flow streams.ingest
                streams.outcome streams.outlook streams.output streams.score streams.step streams.time
            streams.wiring: avro contract http logging model serde settings streams.api streams.client
                streams.config streams.ingest streams.metrics streams.model streams.output streams.progress
                streams.score streams.score.onnx streams.state streams.step streams.time streams.topology topics
            tls: settings
            topics: contract serde settings
            trainer.api: avro contract http settings trainer.publish
            trainer.chart:
            trainer.cli: cli contract model settings trainer.config trainer.imports trainer.learner
                trainer.publish trainer.study trainer.wiring
            trainer.config: contract settings trainer.evaluation trainer.learner trainer.publish
            trainer.evaluation: contract
            trainer.family: contract trainer.graph trainer.loss trainer.optimiser
            trainer.graph:
            trainer.imports: contract model trainer.family trainer.publish
            trainer.learner: avro contract logging model serde settings topics trainer.evaluation trainer.family
                trainer.publish
            trainer.loss: trainer.graph
            trainer.metrics: contract http trainer.evaluation trainer.learner trainer.publish
            trainer.optimiser: trainer.graph
            trainer.ort: onnx trainer.graph
            trainer.publish: avro contract logging model settings topics trainer.evaluation trainer.family
                trainer.graph
            trainer.ranking: avro contract trainer.graph
            trainer.study: cli contract csv trainer.chart trainer.evaluation trainer.family trainer.learner
            trainer.wiring: contract http model serde settings topics trainer.api trainer.config trainer.family
                trainer.graph trainer.imports trainer.learner trainer.metrics trainer.optimiser trainer.ort
                trainer.publish
            """);

    /** Library → the packages that may know it. */
    private static final Map<String, Set<String>> KNOWN_BY = rows("""
            http-client: deploy.bench deploy.connect deploy.console.source deploy.local serde streams.api
            http-server: deploy.console.web http
            jackson: deploy.backtest deploy.bench deploy.console.live deploy.console.web deploy.console.wiring
                deploy.local deploy.replay deploy.report deploy.tools http model serde settings streams.api streams.erasure.flow
                streams.ingest
                streams.mapping streams.wiring trainer.api trainer.study
            kafka-broker: deploy.local
            kafka-clients: deploy.access deploy.bench deploy.console.live deploy.console.source
                deploy.console.wiring deploy.feed deploy.load deploy.local deploy.report
                deploy.tools streams.client streams.deadletters streams.erasure streams.ingest streams.model streams.progress
                streams.wiring topics trainer.api trainer.learner trainer.publish trainer.wiring
            kafka-streams: deploy.backtest deploy.bench streams.activity streams.api streams.choice streams.client streams.commit
                streams.config streams.context streams.erasure.flow streams.ingest streams.looks streams.outcome streams.outlook streams.output
                streams.score streams.state streams.step streams.time streams.topology streams.wiring
            micrometer: streams.metrics streams.wiring trainer.metrics
            onnx-protobuf: model streams.score.onnx trainer.graph trainer.imports trainer.publish
            onnx-runtime: onnx streams.score.onnx trainer.ort
            picocli: cli deploy.backtest deploy.bench deploy.console.cli deploy.local deploy.report deploy.tools streams.cli
                trainer.cli
            """);

    private static final Map<String, String> LIBRARIES = Map.of(
            "kafka-clients", "org.apache.kafka.clients.",
            "kafka-streams", "org.apache.kafka.streams.",
            "kafka-broker", "kafka.",
            "onnx-runtime", "ai.onnxruntime.",
            "onnx-protobuf", "ai.onnx.proto.",
            "jackson", "com.fasterxml.jackson.",
            "micrometer", "io.micrometer.",
            "picocli", "picocli.",
            "http-client", "java.net.http.",
            "http-server", "org.eclipse.jetty.");

    @SuppressWarnings("NullAway.Init")
    private static JavaClasses all;

    @BeforeAll
    static void read() {
        all = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.livepredict");
    }

    @Test
    void shouldKnowThePackagesOfItsRowAndNoOthers() {
        Map<String, Set<String>> seen = new TreeMap<>();
        for (JavaClass each : all) {
            String from = shortName(each.getPackageName());
            // Neither records that Avro makes from schemas nor what JMH makes of benchmarks is anybody's row.
            if (!from.equals("avro") && !from.endsWith(".jmh_generated")) {
                Set<String> known = seen.computeIfAbsent(from, key -> new TreeSet<>());
                each.getDirectDependenciesFromSelf().stream()
                        .map(dependency -> dependency
                                .getTargetClass()
                                .getBaseComponentType()
                                .getPackageName())
                        .filter(target -> target.startsWith("io.livepredict."))
                        .map(CodeMapTest::shortName)
                        .filter(target -> !target.equals(from))
                        .forEach(known::add);
            }
        }
        assertThat(text(seen)).isEqualTo(text(KNOWS));
    }

    @Test
    void shouldTouchALibraryOnlyWhereItsRowSaysSo() {
        Map<String, Set<String>> seen = new TreeMap<>();
        LIBRARIES.keySet().forEach(library -> seen.put(library, new TreeSet<>()));
        for (JavaClass each : all) {
            for (Map.Entry<String, String> library : LIBRARIES.entrySet()) {
                boolean touches = each.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                (dependency.getTargetClass().getPackageName() + ".").startsWith(library.getValue()));
                if (touches) {
                    seen.computeIfAbsent(library.getKey(), key -> new TreeSet<>())
                            .add(shortName(each.getPackageName()));
                }
            }
        }
        assertThat(text(seen)).isEqualTo(text(new TreeMap<>(KNOWN_BY)));
    }

    private static Map<String, Set<String>> rows(String text) {
        Map<String, Set<String>> rows = new LinkedHashMap<>();
        // An indented line goes on with the row before it.
        for (String row : text.strip().split("\n(?! )")) {
            String[] parts = row.split(":", 2);
            rows.put(
                    parts[0],
                    Arrays.stream(parts[1].strip().split("\\s+"))
                            .filter(name -> !name.isEmpty())
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
        return new TreeMap<>(rows);
    }

    private static String text(Map<String, Set<String>> rows) {
        return rows.entrySet().stream()
                .map(row -> row.getKey() + ": " + String.join(" ", row.getValue()))
                .collect(Collectors.joining("\n"));
    }

    private static String shortName(String packageName) {
        return packageName.replaceFirst("^io\\.livepredict\\.", "");
    }
}
