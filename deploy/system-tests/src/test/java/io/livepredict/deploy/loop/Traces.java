package io.livepredict.deploy.loop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Looks for texts in whatever an installation holds: bytes of records and files, logs, answers. */
final class Traces {
    private static final int AROUND = 80;

    private final List<String> marks;

    Traces(Collection<String> marks) {
        this.marks = List.copyOf(marks);
    }

    /** Where one of them is in a text, with what stands around it. */
    Optional<String> in(String where, String text) {
        for (String mark : marks) {
            int at = text.indexOf(mark);
            if (at >= 0) {
                return Optional.of(where + ": "
                        + text.substring(Math.max(0, at - AROUND), Math.min(text.length(), at + mark.length())));
            }
        }
        return Optional.empty();
    }

    /** The same of bytes. */
    private boolean in(byte @Nullable [] bytes) {
        return bytes != null
                && in("", new String(bytes, StandardCharsets.ISO_8859_1)).isPresent();
    }

    /** In which files of a directory they are. */
    Set<String> inFiles(Path directory) {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                try {
                    if (in(Files.readAllBytes(file))) {
                        found.add(directory.relativize(file).toString());
                    }
                } catch (NoSuchFileException e) {
                    // deleted meanwhile
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** In how many records of each of an installation's topics they are, in those of aborted transactions too. */
    Map<String, Integer> inTopics(Installation installation) {
        Map<String, Object> config = new HashMap<>(installation.client());
        config.put("isolation.level", "read_uncommitted");
        Map<String, Integer> found = new HashMap<>();
        String own = installation.topics().namespace().name("");
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.listTopics().forEach((topic, infos) -> {
                if (topic.startsWith(own)) {
                    infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
                }
            });
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(100)).forEach(record -> {
                    boolean marked = in(record.key()) || in(record.value());
                    for (Header header : record.headers()) {
                        marked |= in(header.value());
                    }
                    if (marked) {
                        found.merge(record.topic(), 1, Integer::sum);
                    }
                });
            }
        }
        return found;
    }
}
