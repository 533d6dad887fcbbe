package io.livepredict.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LimiterTest {
    private final AtomicLong nanos = new AtomicLong();
    private final Limiter limiter = new Limiter(100, nanos::get);

    @Test
    void shouldFillABucketSteadilyAndNeverBeyondALargeRequest() {
        limiter.take("ana", Limiter.LARGEST_REQUEST);
        assertThatThrownBy(() -> limiter.take("ana", 1)).isInstanceOf(Problem.class);
        limiter.take("olga", Limiter.LARGEST_REQUEST);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(500));
        limiter.take("ana", 50);
        assertThatThrownBy(() -> limiter.take("ana", 1)).isInstanceOf(Problem.class);
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        limiter.take("ana", Limiter.LARGEST_REQUEST);
        assertThatThrownBy(() -> limiter.take("ana", 1)).isInstanceOf(Problem.class);
    }

    @Test
    void shouldForgetThoseWhoHaveLongAskedNothingAndNobodyElse() {
        for (int i = 0; i < 100_000; i++) {
            if (i % 1_000 == 0) {
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
                limiter.take("busy", 100);
            }
            limiter.take("pod-" + i, 1);
        }
        assertThat(limiter.remembered()).isLessThan(3_000);
        limiter.take("busy", 900);
        assertThatThrownBy(() -> limiter.take("busy", 1)).isInstanceOf(Problem.class);
    }
}
