package io.livepredict.streams.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.livepredict.serde.RegistryUnavailableException;
import io.livepredict.serde.SchemaRegistry;
import io.livepredict.serde.UnknownSchemaIdException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.apache.avro.Schema;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SchemaLookupsTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
    private final AtomicInteger asked = new AtomicInteger();
    private volatile boolean away;
    private final SchemaLookups lookups = new SchemaLookups(
            new SchemaRegistry() {
                @Override
                public int register(String subject, Schema schema) {
                    return 1;
                }

                @Override
                public Schema byId(int id) {
                    asked.incrementAndGet();
                    if (away) {
                        throw new RegistryUnavailableException("it is away");
                    }
                    if (id > 100) {
                        throw new UnknownSchemaIdException(id, "here");
                    }
                    return Schema.create(Schema.Type.STRING);
                }

                @Override
                public void close() {}
            },
            "http://registry",
            now::get,
            RandomGenerator.getDefault());

    @AfterEach
    void close() {
        lookups.close();
    }

    private void awaitSettled(int id) {
        await().until(() -> lookups.isSettled(id));
    }

    @Test
    void shouldSettleWhatIsKnownAndWhatIsNotAndAskForNeitherAgain() {
        assertThat(lookups.isSettled(7)).isFalse();
        awaitSettled(7);
        awaitSettled(777);
        int before = asked.get();
        for (int i = 0; i < 1_000; i++) {
            assertThat(lookups.isSettled(777)).isTrue();
            assertThatThrownBy(() -> lookups.byId(777)).isInstanceOf(UnknownSchemaIdException.class);
        }
        assertThat(asked.get()).isEqualTo(before);
        now.updateAndGet(time -> time.plusSeconds(31));
        assertThat(lookups.isSettled(777)).isFalse();
        awaitSettled(777);
        assertThat(asked.get()).isEqualTo(before + 1);
    }

    @Test
    void shouldSaySinceWhenTheRegistryIsMissedAndGoOnWhenItIsBack() {
        away = true;
        assertThat(lookups.isSettled(7)).isFalse();
        await().until(() -> asked.get() > 1);
        assertThat(lookups.trouble()).isEmpty();
        now.updateAndGet(time -> time.plus(Duration.ofSeconds(3)));
        assertThat(lookups.trouble())
                .hasValueSatisfying(words -> assertThat(words)
                        .contains("http://registry since 2026-01-01T00:00:00Z")
                        .contains("schema id 7")
                        .contains("it is away"));
        away = false;
        awaitSettled(7);
        assertThat(lookups.trouble()).isEmpty();
    }
}
