package io.livepredict.deploy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows of the code map in docs/architecture.md. This module sees all others, so the rules are held here. */
class ArchitectureTest {
    private static final String SCHEMAS = "schemas";
    private static final String[] OF_SCHEMAS = {
        "io.livepredict.contract..",
        "io.livepredict.avro..",
        "io.livepredict.serde..",
        "io.livepredict.model..",
        "io.livepredict.settings..",
        "io.livepredict.topics..",
        "io.livepredict.http..",
        "io.livepredict.tls..",
        "io.livepredict.cli..",
        "io.livepredict.logging..",
    };
    private static final String STREAMS = "io.livepredict.streams..";
    private static final String TRAINER = "io.livepredict.trainer..";
    private static final String DEPLOY = "io.livepredict.deploy..";

    @SuppressWarnings("NullAway.Init")
    private static JavaClasses all;

    @BeforeAll
    static void read() {
        all = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.livepredict");
        assertThat(all.stream().map(ArchitectureTest::module).collect(Collectors.toSet()))
                .as("modules seen; without them every rule would hold")
                .contains(SCHEMAS, "streams", "trainer", "deploy");
    }

    @Test
    void shouldPointFromDeployToTheProgramsToTheSchemasAndNowhereElse() {
        hold(noClasses()
                .that()
                .resideInAnyPackage(OF_SCHEMAS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(STREAMS, TRAINER, DEPLOY));
        hold(noClasses()
                .that()
                .resideInAPackage(STREAMS)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(TRAINER, DEPLOY));
        hold(noClasses()
                .that()
                .resideInAPackage(TRAINER)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(STREAMS, DEPLOY));
    }

    /** It is shipped, and it sees what anybody who reads the topics sees. */
    @Test
    void shouldLetTheConsoleKnowTopicsAndNotThePrograms() {
        hold(noClasses()
                .that()
                .resideInAPackage("io.livepredict.deploy.console..")
                .should()
                .dependOnClassesThat(resideInAnyPackage(STREAMS, TRAINER, "kafka..", "org.apache.kafka.streams..")
                        .or(resideInAnyPackage(DEPLOY)
                                .and(not(resideInAnyPackage("io.livepredict.deploy.console.."))))));
    }

    @Test
    void shouldHaveNoCyclesBetweenPackages() {
        hold(slices().matching("io.livepredict.(**)").should().beFreeOfCycles());
    }

    @Test
    void shouldKeepTheMathematicsOfTheTrainerPure() {
        hold(classes()
                .that()
                .resideInAnyPackage("io.livepredict.trainer.optimiser..", "io.livepredict.trainer.loss..")
                .should()
                .onlyDependOnClassesThat(pure(
                        "io.livepredict.trainer.optimiser..",
                        "io.livepredict.trainer.loss..",
                        "io.livepredict.trainer.graph..")));
        hold(classes()
                .that()
                .resideInAPackage("io.livepredict.trainer.evaluation..")
                .should()
                .onlyDependOnClassesThat(pure("io.livepredict.trainer.evaluation..")));
        hold(classes()
                .that()
                .resideInAnyPackage("io.livepredict.trainer.graph..", "io.livepredict.trainer.family..")
                .should()
                .onlyDependOnClassesThat(pure(
                        "io.livepredict.trainer.graph..",
                        "io.livepredict.trainer.family..",
                        "io.livepredict.trainer.optimiser..",
                        "io.livepredict.trainer.loss..",
                        "ai.onnx.proto..",
                        "com.google.protobuf..")));
    }

    @Test
    void shouldKeepScoringsInterfaceFreeOfKafkasNetworkAndOfTheRuntime() {
        hold(noClasses()
                .that()
                .resideInAPackage("io.livepredict.streams.score")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.onnxruntime..", "org.apache.kafka.clients..", "java.net.http.."));
    }

    @Test
    void shouldTouchTheInternalsOfKafkaStreamsInExactlyOneClass() {
        Set<String> touching = all.stream()
                .filter(each -> each.getDirectDependenciesFromSelf().stream()
                        .anyMatch(d -> d.getTargetClass().getPackageName().startsWith("org.apache.kafka.streams")
                                && d.getTargetClass().getPackageName().contains(".internals")))
                .map(each -> each.getName().replaceFirst("\\$.*", ""))
                .collect(Collectors.toSet());
        assertThat(touching).hasSize(1);
    }

    @Test
    void shouldKeepGeneratedRecordsOutOfWhatComputes() {
        hold(noClasses()
                .that()
                .resideInAnyPackage(
                        "io.livepredict.contract..",
                        "io.livepredict.streams.activity..",
                        "io.livepredict.streams.score..",
                        "io.livepredict.trainer.graph..",
                        "io.livepredict.trainer.family..",
                        "io.livepredict.trainer.loss..",
                        "io.livepredict.trainer.optimiser..",
                        "io.livepredict.trainer.evaluation..")
                .and()
                .doNotHaveSimpleName("Topics")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.livepredict.avro.."));
    }

    @Test
    void shouldNameNoPackageForWhatHasNoName() {
        for (String vague : Set.of("util", "utils", "common", "helper", "helpers", "manager", "misc")) {
            hold(noClasses().should().resideInAPackage("io.livepredict.." + vague + ".."));
        }
    }

    /** The wall clock and chance come in through the wiring, so that the same input gives the same output. */
    @Test
    void shouldTakeTheTimeAndChanceFromWhoeverCalls() {
        DescribedPredicate<JavaClass> edges =
                resideInAnyPackage("io.livepredict..wiring..", "io.livepredict..cli..", "io.livepredict.deploy..");
        hold(noClasses()
                .that(not(edges))
                .should()
                .callMethodWhere(target(name("currentTimeMillis")).and(target(owner(type(System.class)))))
                .orShould()
                .callMethodWhere(target(name("now")).and(target(owner(type(java.time.Instant.class)))))
                .orShould()
                .callMethodWhere(target(name("systemUTC")).and(target(owner(type(Clock.class)))))
                .orShould()
                .callMethodWhere(target(name("random")).and(target(owner(type(Math.class)))))
                .orShould()
                .callConstructor(Random.class));
    }

    private static DescribedPredicate<JavaClass> pure(String... own) {
        return resideInAnyPackage(own)
                .or(resideInAnyPackage(
                        "java..",
                        "io.livepredict.contract..",
                        "io.soabase.recordbuilder.core..", // marks builders, gone when it runs
                        "org.jspecify.."))
                .or(DescribedPredicate.describe("primitives", JavaClass::isPrimitive))
                .or(DescribedPredicate.describe(
                        "arrays of those",
                        each -> each.isArray() && each.getBaseComponentType().isPrimitive()));
    }

    private static DescribedPredicate<JavaClass> type(Class<?> type) {
        return DescribedPredicate.describe(type.getName(), each -> each.isEquivalentTo(type));
    }

    private static String module(JavaClass each) {
        String[] parts = each.getPackageName().split("\\.");
        return parts.length > 2 && Set.of("streams", "trainer", "deploy").contains(parts[2]) ? parts[2] : SCHEMAS;
    }

    private static void hold(ArchRule rule) {
        rule.check(all);
    }
}
