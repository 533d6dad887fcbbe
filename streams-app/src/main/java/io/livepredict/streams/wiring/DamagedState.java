package io.livepredict.streams.wiring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.TaskId;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of state stores that can't be read any more. They are set aside, beside the state directory's own contents, and
 * Kafka Streams restores the store from its changelog, which has everything.
 */
final class DamagedState {
    private static final Logger LOG = LoggerFactory.getLogger(DamagedState.class);
    private static final String DAMAGED = "damaged";
    /** Kafka Streams says so of a store that it can't open. */
    private static final Pattern LOCATION = Pattern.compile("at location (\\S.*)$");
    /** Kafka Streams says so of one that fails in service. */
    private static final Pattern STORE =
            Pattern.compile("(?:from|of|in|into|for|to|on|at) (?:the )?store '?([\\w.-]+)");
    /** The disk, not the file, is to blame; or the store is open elsewhere. */
    private static final List<String> NOT_THE_FILES = List.of(
            "no space left",
            "read-only file system",
            "permission denied",
            "operation not permitted",
            "too many open files",
            "disk quota",
            "cannot allocate memory",
            "lock file",
            "lock hold");

    private final Path directory;
    private final Map<Path, String> noted = new LinkedHashMap<>();

    /** @param directory the application's, which has a directory for each task */
    DamagedState(Path directory) {
        this.directory = directory;
    }

    /** Whether it is about the files of a store. */
    static boolean isOfFiles(Throwable e) {
        return e instanceof RocksDBException || e instanceof ProcessorStateException && e.getCause() == null;
    }

    /** Whether the files themselves are at fault, and not the disk they lie on or who else uses them. */
    static boolean isDamage(Throwable ofFiles) {
        String words = String.valueOf(ofFiles.getMessage()).toLowerCase(Locale.ROOT);
        return ofFiles instanceof RocksDBException && NOT_THE_FILES.stream().noneMatch(words::contains);
    }

    /** Remembers what is damaged, for {@link #setAside}. */
    synchronized void note(Throwable e) {
        String why = Cure.oneLine(e);
        places(e).forEach(place -> noted.put(place, why));
    }

    /** The directories of the stores that the exception is about; of the whole task where no store is named. */
    private List<Path> places(Throwable e) {
        Optional<TaskId> task = Optional.empty();
        String store = null;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String words = String.valueOf(cause.getMessage());
            Matcher location = LOCATION.matcher(words);
            if (location.find()) {
                return List.of(Path.of(location.group(1)));
            }
            if (cause instanceof StreamsException of && of.taskId().isPresent()) {
                task = of.taskId();
            }
            Matcher named = STORE.matcher(words);
            if (cause instanceof ProcessorStateException && named.find()) {
                store = named.group(1);
            }
        }
        Path tasks = task.map(id -> directory.resolve(id.toString())).orElse(directory);
        String of = store;
        try (Stream<Path> all = Files.walk(tasks, 3)) {
            return all.filter(path -> path.getParent() != null
                            && path.getParent().endsWith("rocksdb")
                            && (of == null || path.endsWith(of)))
                    .toList();
        } catch (IOException unreadable) {
            return List.of(tasks);
        }
    }

    /** Moves what was noted out of the way. To be called while Kafka Streams does not run. */
    synchronized void setAside() {
        noted.forEach((place, why) -> {
            if (!Files.exists(place)) {
                return;
            }
            Path to = directory
                    .resolveSibling(directory.getFileName() + "-" + DAMAGED)
                    .resolve(directory.relativize(place).toString().replace('/', '-'));
            try {
                delete(to);
                Files.createDirectories(to.getParent());
                Files.move(place, to);
                LOG.warn(
                        "the state in {} is damaged ({}): it is set aside in {} and restored from its changelog;"
                                + " check the disk",
                        place,
                        why,
                        to);
            } catch (IOException e) {
                LOG.warn("the damaged state in {} ({}) can't be set aside in {}: {}", place, why, to, e.toString());
            }
        });
        noted.clear();
    }

    private static void delete(Path tree) throws IOException {
        if (Files.exists(tree)) {
            try (Stream<Path> paths = Files.walk(tree)) {
                for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
