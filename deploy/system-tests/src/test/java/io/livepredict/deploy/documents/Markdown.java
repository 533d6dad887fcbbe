package io.livepredict.deploy.documents;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A Markdown page of this repository, read line by line: enough of the format for what these pages use. */
record Markdown(Path file, List<String> lines) {
    /** The root of the repository: tests run in their module's folder. */
    static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private static final int WIDTH = 120;
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)\\)");
    private static final Pattern NAME = Pattern.compile("<a name=\"([^\"]+)\">");
    private static final Pattern NAKED_FRACTION = Pattern.compile("(?<![\\w.)])\\.\\d");
    private static final Set<String> SKIPPED = Set.of("target", ".git");

    static Markdown read(Path file) {
        try {
            return new Markdown(file, Files.readAllLines(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every page there is, in the order of its path. */
    static List<Markdown> all() {
        return files(".md").stream().map(Markdown::read).toList();
    }

    /** Every file whose name ends so, but what a build has made. */
    static List<Path> files(String ending) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(ROOT, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                    return SKIPPED.contains(folder.getFileName().toString())
                            ? FileVisitResult.SKIP_SUBTREE
                            : FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (file.toString().endsWith(ending)) {
                        files.add(file);
                    }
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files.stream().sorted().toList();
    }

    String name() {
        return ROOT.relativize(file).toString();
    }

    /** Lines of code blocks, with their numbers from 1. A line that ends in a backslash goes on in the next one. */
    Map<Integer, String> code() {
        Map<Integer, String> code = new LinkedHashMap<>();
        boolean fenced = false;
        int open = 0;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.strip().startsWith("```")) {
                fenced = !fenced;
            } else if (fenced || isIndentedCode(i)) {
                int at = open > 0 ? open : i + 1;
                code.merge(at, line.strip(), (before, more) -> before.replaceFirst("\\\\$", "") + more);
                open = line.endsWith("\\") ? at : 0;
            }
        }
        return code;
    }

    /** Four spaces after an empty line or more of the same; after prose they go on with a list's item. */
    private boolean isIndentedCode(int i) {
        boolean indented = lines.get(i).startsWith("    ") && !lines.get(i).isBlank();
        boolean begins =
                i == 0 || lines.get(i - 1).isBlank() || lines.get(i - 1).startsWith("    ");
        return indented && begins;
    }

    /** Lines outside code blocks, with their numbers from 1. */
    Map<Integer, String> prose() {
        Map<Integer, String> prose = new LinkedHashMap<>();
        boolean fenced = false;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().startsWith("```")) {
                fenced = !fenced;
            } else if (!fenced) {
                prose.put(i + 1, lines.get(i));
            }
        }
        return prose;
    }

    /** The lines below that heading, up to the next of the same or a higher level. */
    List<String> section(String heading) {
        int level = heading.indexOf(' ');
        List<String> section = new ArrayList<>();
        boolean inside = false;
        for (String line : prose().values()) {
            int depth = line.startsWith("#") ? line.indexOf(' ') : Integer.MAX_VALUE;
            if (depth <= level) {
                inside = line.equals(heading);
            } else if (inside) {
                section.add(line);
            }
        }
        return section;
    }

    /** What links may name behind a hash: headings as GitHub names them, and named anchors. */
    Set<String> anchors() {
        Set<String> anchors = new HashSet<>();
        for (String line : prose().values()) {
            if (line.startsWith("#")) {
                String words = line.replaceFirst("^#+ ", "").replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1");
                anchors.add(words.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-'));
            }
            NAME.matcher(line).results().map(found -> found.group(1)).forEach(anchors::add);
        }
        return anchors;
    }

    /** Where links lead to, addresses on the web left out. */
    List<String> links() {
        return prose().values().stream()
                .flatMap(line -> LINK.matcher(line.replaceAll("`[^`]*`", "")).results())
                .map(found -> found.group(1))
                .filter(link -> !link.startsWith("http"))
                .toList();
    }

    /** The links that lead nowhere, each with why. */
    List<String> brokenLinks() {
        List<String> broken = new ArrayList<>();
        for (String link : links()) {
            String path = link.replaceFirst("#.*", "");
            Path to = path.isEmpty() ? file : folder().resolve(path).normalize();
            if (!Files.exists(to)) {
                broken.add(name() + ": " + link + " is not there");
            } else if (link.contains("#")) {
                String anchor = link.substring(link.indexOf('#') + 1);
                Markdown page = to.equals(file) ? this : read(to);
                if (!page.anchors().contains(anchor)) {
                    broken.add(name() + ": " + link + ": no such heading");
                }
            }
        }
        return broken;
    }

    private Path folder() {
        @Nullable Path folder = file.getParent();
        return folder == null ? ROOT : folder;
    }

    /** Lines that are too long or write a fraction without its zero. Tables may be wide. */
    List<String> untidyLines() {
        List<String> untidy = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.length() > WIDTH && !line.startsWith("|")) {
                untidy.add(name() + ":" + (i + 1) + ": " + line.length() + " columns");
            }
            if (NAKED_FRACTION.matcher(line).find()) {
                untidy.add(name() + ":" + (i + 1) + ": a fraction without its zero: " + line.strip());
            }
        }
        return untidy;
    }

    /** What stands in backquotes outside code blocks and fits the pattern as a whole. */
    static List<String> quoted(Iterable<String> lines, Pattern form) {
        List<String> quoted = new ArrayList<>();
        Pattern quotes = Pattern.compile("`([^`]+)`");
        for (String line : lines) {
            quotes.matcher(line)
                    .results()
                    .map((MatchResult found) -> found.group(1))
                    .filter(form.asMatchPredicate())
                    .forEach(quoted::add);
        }
        return quoted;
    }
}
