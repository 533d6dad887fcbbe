package io.livepredict.streams.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.livepredict.serde.RegistryUnavailableException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownProducerIdException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.errors.LockException;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.errors.TaskMigratedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rocksdb.RocksDBException;

class CureTest {
    static Stream<Throwable> passing() {
        return Stream.of(
                new TimeoutException("t"),
                new StreamsException(new TimeoutException("t")),
                new StreamsException(new InvalidTxnStateException("i")),
                new KafkaException("in an error state", new InvalidPidMappingException("p")),
                new UnknownProducerIdException("u"),
                new ProducerFencedException("f"),
                new TaskMigratedException("m"),
                new TaskCorruptedException(Set.of()),
                new LockException("locked"),
                new StreamsException(new RegistryUnavailableException("away")),
                new ProcessorStateException(
                        "opening", new RocksDBException("While appending: No space left on device")),
                new ProcessorStateException("opening", new RocksDBException("While mkdir: Read-only file system")),
                new StreamsException(new FileSystemException("state/.lock", null, "Read-only file system")),
                new ProcessorStateException("a checkpoint", new IOException("No space left on device")),
                new ProcessorStateException("opening", new RocksDBException("While lock file: x/LOCK: unavailable")));
    }

    static Stream<Throwable> lasting() {
        return Stream.of(
                new StreamsException(new NullPointerException("a bug")),
                new StreamsException(new IllegalStateException("state of a later build")),
                new ConfigException("c"),
                new StreamsException(new TopicAuthorizationException("t")),
                new SaslAuthenticationException("s"),
                new MissingSourceTopicException("gone"),
                new StreamsException(new SerializationException("can't write")),
                new StreamsException("Existing internal topic x has invalid partitions: expected 4"),
                new OutOfMemoryError("heap"));
    }

    @ParameterizedTest
    @MethodSource("passing")
    void shouldRestartAfterWhatPasses(Throwable e) {
        assertThat(Cure.of(e)).isEqualTo(Cure.RESTART);
    }

    @ParameterizedTest
    @MethodSource("lasting")
    void shouldEndForWhatNoRestartCures(Throwable e) {
        assertThat(Cure.of(e)).isEqualTo(Cure.NONE);
    }

    @Test
    void shouldRestoreWhatIsDamaged() {
        assertThat(Cure.of(new ProcessorStateException("e", new RocksDBException("Corruption: bad block"))))
                .isEqualTo(Cure.RESTORE);
    }

    /** What Kafka's clients throw when they are used after a time-out is no class of Kafka's. */
    @Test
    void shouldRestartWhenKafkasOwnCodeIsInAnInvalidState() {
        KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", "127.0.0.1:1"), new StringSerializer(), new StringSerializer());
        try (producer) {
            Throwable e = catchThrowable(producer::beginTransaction);
            assertThat(e).isInstanceOf(IllegalStateException.class);
            assertThat(Cure.of(new StreamsException(e))).isEqualTo(Cure.RESTART);
        }
    }
}
