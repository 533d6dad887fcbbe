package io.livepredict.deploy.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/architecture.md tells of the code as it is: every package, every module, classes and tests by their names. */
class ArchitecturePageTest {
    private static final Markdown PAGE = Markdown.read(Markdown.ROOT.resolve("docs/architecture.md"));
    private static final Pattern PACKAGE = Pattern.compile("io\\.livepredict\\.[\\w.]+");
    private static final Pattern TEST_METHOD = Pattern.compile("\\w+\\.should\\w+");
    private static final Pattern TYPE = Pattern.compile("([A-Z][a-z0-9]+)+(\\.[A-Z][a-z]\\w*)?");
    private static final Pattern DECLARATION = Pattern.compile("\\b(class|record|interface|enum) (\\w+)");
    /** Kafka's, named where ours rest on them. */
    private static final Set<String> NOT_OURS =
            Set.of("CachedStateStore", "InternalProcessorContext", "KafkaRaftServer", "ProcessorContext");

    @Test
    void shouldHaveARowForEachPackageAndNoneForAnother() {
        List<String> rows = rows(PAGE.section("## Code map"), PACKAGE);
        Set<String> packages = Markdown.files(".java").stream()
                .map(file -> Markdown.ROOT.relativize(file).toString())
                .filter(file -> file.contains("/src/main/java/"))
                .map(file -> file.replaceFirst(".*/src/main/java/", "").replaceFirst("/[^/]+$", ""))
                .map(folder -> folder.replace('/', '.'))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(packages).as("packages seen").hasSizeGreaterThan(40);
        assertThat(rows).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(packages);
    }

    @Test
    void shouldHaveARowForEachModule() {
        Set<String> named = Set.copyOf(rows(PAGE.section("## Code map"), Pattern.compile("[\\w/-]+")));
        List<String> modules = Markdown.files("pom.xml").stream()
                .map(pom -> Markdown.ROOT.relativize(pom).toString().replaceFirst("/?pom\\.xml$", ""))
                .filter(module ->
                        Markdown.ROOT.resolve(module).resolve("src").toFile().isDirectory())
                .filter(module -> !module.equals("deploy/benchmarks/peers")) // named in its parent's row
                .toList();

        assertThat(modules).hasSizeGreaterThan(5);
        assertThat(named).containsAll(modules);
    }

    @Test
    void shouldNameATestThatExistsForEachInvariant() {
        List<Path> sources = Markdown.files(".java");
        List<String> wrong = new ArrayList<>();
        List<String> table = PAGE.section("## Invariants").stream()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| ---"))
                .skip(1)
                .toList();
        for (String row : table) {
            List<String> tests = Markdown.quoted(List.of(row), TEST_METHOD);
            if (tests.isEmpty()) {
                wrong.add("no test: " + row);
            }
            tests.stream().filter(test -> !DocumentsTest.isTest(test, sources)).forEach(wrong::add);
        }

        assertThat(table).hasSizeGreaterThan(15);
        assertThat(wrong).isEmpty();
    }

    @Test
    void shouldNameOnlyTypesThatExist() {
        Set<String> types = Stream.concat(
                        Markdown.files(".java").stream()
                                .flatMap(file -> DECLARATION
                                        .matcher(String.join(
                                                "\n", Markdown.read(file).lines()))
                                        .results()
                                        .map(found -> found.group(2))),
                        Markdown.files(".avsc").stream()
                                .map(file -> file.getFileName().toString().replace(".avsc", "")))
                .collect(Collectors.toSet());
        List<String> named = Markdown.quoted(PAGE.prose().values(), TYPE);

        assertThat(named).as("types named").hasSizeGreaterThan(100);
        assertThat(named.stream()
                        .filter(name -> !NOT_OURS.contains(name))
                        .filter(name -> !types.containsAll(List.of(name.split("\\."))))
                        .distinct())
                .isEmpty();
    }

    /** The first cells of table rows that fit, without their backquotes; a cell may name several. */
    private static List<String> rows(List<String> lines, Pattern form) {
        return lines.stream()
                .filter(line -> line.startsWith("| `"))
                .flatMap(line -> Markdown.quoted(List.of(line.split(" \\| ", 2)[0]), form).stream())
                .toList();
    }
}
