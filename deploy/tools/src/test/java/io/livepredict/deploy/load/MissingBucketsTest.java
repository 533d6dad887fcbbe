package io.livepredict.deploy.load;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.streams.context.HistoryLookups.Count;
import org.junit.jupiter.api.Test;

class MissingBucketsTest {
    @Test
    void shouldFailALoadAboveOneInAHundredAndSayWhatToDo() {
        assertThatCode(() -> MissingBuckets.check(new Count(1_000, 10), MissingBuckets.MOST))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> MissingBuckets.check(new Count(1_000, 11), MissingBuckets.MOST))
                .isInstanceOf(LoadException.class)
                .hasMessageContaining("in 11 of 1,000 lookups (1.1 %")
                .hasMessageContaining("context.slack")
                .hasMessageContaining("--most-missing 0.011");
        assertThatCode(() -> MissingBuckets.check(new Count(1_000, 11), 0.011)).doesNotThrowAnyException();
        assertThatCode(() -> MissingBuckets.check(Count.NONE, 0)).doesNotThrowAnyException();
    }
}
