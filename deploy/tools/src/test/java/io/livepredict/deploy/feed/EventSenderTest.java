package io.livepredict.deploy.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class EventSenderTest {
    /** Nothing is sent, so nothing has to listen there. */
    private static final Map<String, Object> NOWHERE = Map.of("bootstrap.servers", "127.0.0.1:1");

    /** Who sees that it has ended must see why: otherwise a log that broke off passes for one at its end. */
    @RepeatedTest(50)
    void shouldHaveSaidWhyWhenItHasEnded() {
        try (EventSender sender = new EventSender("test", NOWHERE, () -> {
            throw new IllegalStateException("the log breaks off");
        })) {
            assertThat(sender.isEnded()).isFalse();
            sender.start();
            while (!sender.isEnded()) {
                Thread.onSpinWait();
            }
            assertThat(sender.failure()).hasMessage("the log breaks off");
        }
    }

    @Test
    void shouldEndItsWorkWhenItIsClosed() throws InterruptedException {
        CountDownLatch began = new CountDownLatch(1);
        EventSender[] self = new EventSender[1];
        EventSender sender = new EventSender("test", NOWHERE, () -> {
            began.countDown();
            while (!self[0].isStopping()) {
                self[0].pause(Duration.ofHours(1));
            }
        });
        self[0] = sender;
        sender.start();
        began.await();
        sender.close();
        await().until(sender::isEnded);
        assertThat(sender.failure()).isNull();
    }
}
