package io.livepredict.deploy.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the pages point to exists: other pages, headings, scripts, their commands and options, tests. */
class DocumentsTest {
    private static final int README_LINES = 200;
    /** One entry per line and person; whoever adds one should not meet everybody else's line breaks. */
    private static final String CHANGELOG = "CHANGELOG.md";

    private static final Pattern SCRIPT = Pattern.compile("(deploy|trainer|streams-app)/[\\w/.-]+");
    private static final Pattern WORD = Pattern.compile("[a-z][a-z-]*");
    private static final Pattern PLACEHOLDER = Pattern.compile("[A-Z]+");
    private static final Pattern TEST = Pattern.compile("\\w+(Test|IT|Properties)(\\.should\\w+)?");

    /** Scripts, and what reads their command lines. */
    private static final Map<String, String> PROGRAMS = Map.of(
            "deploy/local", "io.livepredict.deploy.local.LocalOptions",
            "deploy/backtest", "io.livepredict.deploy.backtest.BacktestCommand",
            "deploy/bench", "io.livepredict.deploy.bench.BenchCommand",
            "trainer/bin/trainer", "io.livepredict.trainer.cli.Main",
            "streams-app/bin/streams-app", "io.livepredict.streams.cli.Main");

    @Test
    void shouldLinkOnlyToWhatExists() {
        assertThat(Markdown.all()).as("pages").hasSizeGreaterThan(10);
        assertThat(Markdown.all().stream().flatMap(page -> page.brokenLinks().stream()))
                .isEmpty();
    }

    @Test
    void shouldHaveLinesOfOneWidthAndFractionsWithTheirZero() {
        assertThat(Markdown.all().stream().flatMap(page -> page.untidyLines().stream()))
                .isEmpty();
    }

    @Test
    void shouldKeepTheFrontPageShort() {
        assertThat(Markdown.read(Markdown.ROOT.resolve("README.md")).lines()).hasSizeLessThanOrEqualTo(README_LINES);
    }

    @Test
    void shouldShowOnlyCommandsThatExist() {
        List<String> wrong = new ArrayList<>();
        int commands = 0;
        for (Markdown page : Markdown.all()) {
            List<String> lines = new ArrayList<>(page.code().values());
            lines.addAll(Markdown.quoted(page.prose().values(), Pattern.compile(SCRIPT + "( .*)?")));
            for (String line : lines) {
                List<String> words = words(line);
                if (!words.isEmpty() && SCRIPT.matcher(words.getFirst()).matches()) {
                    commands++;
                    wrong.addAll(problems(page.name(), words));
                }
            }
        }
        assertThat(commands).as("commands found").isGreaterThan(30);
        assertThat(wrong).isEmpty();
    }

    @Test
    void shouldNameOnlyTestsThatExist() {
        List<Path> sources = Markdown.files(".java");
        List<String> wrong = new ArrayList<>();
        int tests = 0;
        for (Markdown page : Markdown.all()) {
            for (String test : Markdown.quoted(page.prose().values(), TEST)) {
                tests++;
                if (!isTest(test, sources)) {
                    wrong.add(page.name() + ": " + test);
                }
            }
        }
        assertThat(tests).as("tests named").isGreaterThan(40);
        assertThat(wrong).isEmpty();
    }

    @Test
    void shouldNoticeWhatIsWrong() {
        Markdown page = new Markdown(
                Markdown.ROOT.resolve("README.md"),
                List.of(
                        "# A heading, of `words`",
                        "[a](#a-heading-of-words) [b](#another) [c](docs/missing.md) [d](CONTRIBUTING.md#no-such)"
                                + " [e](docs)",
                        "An AUC of .73 is not 0.73. " + "x".repeat(100),
                        "| a table may be wide | " + "x".repeat(120) + " |"));

        assertThat(page.brokenLinks())
                .containsExactly(
                        "README.md: #another: no such heading",
                        "README.md: docs/missing.md is not there",
                        "README.md: CONTRIBUTING.md#no-such: no such heading");
        assertThat(page.untidyLines()).hasSize(2).allMatch(line -> line.startsWith("README.md:3: "));
        assertThat(problems("page", words("deploy/lokal --help"))).containsExactly("page: deploy/lokal is not there");
        assertThat(problems("page", words("trainer/bin/trainer models lisst --config x")))
                .containsExactly("page: trainer/bin/trainer models has no command lisst");
        assertThat(problems("page", words("deploy/local --report x --raport y # a comment")))
                .containsExactly("page: deploy/local has no option --raport");
        assertThat(isTest("DocumentsTest.shouldNotBeThere", Markdown.files(".java")))
                .isFalse();
    }

    static boolean isTest(String test, List<Path> sources) {
        int dot = test.indexOf('.');
        String name = (dot < 0 ? test : test.substring(0, dot)) + ".java";
        String method = dot < 0 ? "" : ' ' + test.substring(dot + 1) + '(';
        return sources.stream()
                .filter(source -> source.endsWith(name) && source.toString().contains("/src/test/java/"))
                .anyMatch(source -> Markdown.read(source).lines().stream().anyMatch(line -> line.contains(method)));
    }

    /** A command line's words; what comes after a comment sign or a pipe is none of the command's. */
    private static List<String> words(String line) {
        String command =
                line.replaceFirst("^\\$ ", "").replaceFirst("(^| )[#|].*", "").strip();
        return command.isEmpty() ? List.of() : List.of(command.split("\\s+"));
    }

    private static List<String> problems(String page, List<String> words) {
        String script = words.getFirst();
        if (!Files.exists(Markdown.ROOT.resolve(script))) {
            return List.of(page + ": " + script + " is not there");
        }
        String program = PROGRAMS.get(script);
        if (program == null) {
            return List.of();
        }
        List<String> problems = new ArrayList<>();
        CommandLine command = commandLine(program);
        String called = script;
        for (String word : words.subList(1, words.size())) {
            String option = word.replaceFirst("=.*", "");
            boolean choosing = !command.getSubcommands().isEmpty();
            if (choosing && PLACEHOLDER.matcher(word).matches()) {
                break; // any of them
            } else if (choosing && WORD.matcher(word).matches()) {
                CommandLine next = command.getSubcommands().get(word);
                if (next == null) {
                    problems.add(page + ": " + called + " has no command " + word);
                    break;
                }
                command = next;
                called += ' ' + word;
            } else if (option.startsWith("--")
                    && !command.getCommandSpec().optionsMap().containsKey(option)) {
                problems.add(page + ": " + called + " has no option " + option);
            }
        }
        return problems;
    }

    private static CommandLine commandLine(String program) {
        try {
            Class<?> type = Class.forName(program);
            return type == io.livepredict.streams.cli.Main.class
                    ? io.livepredict.streams.cli.Main.commandLine(Map.of())
                    : new CommandLine(type);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(Objects.requireNonNull(e.getMessage()) + " is not on the class path", e);
        }
    }
}
