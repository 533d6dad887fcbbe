package io.livepredict.trainer.publish;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionLedgerTest {
    private final VersionLedger ledger = new VersionLedger();

    @Test
    void shouldPassOverANumberWhoseManifestAStrangerWrote() {
        ledger.add(3, "three");
        ledger.overwritten(4); // ours may have been there before
        ledger.overwritten(5);
        assertThat(ledger.next(3, "four")).isEqualTo(6);
    }

    @Test
    void shouldNotCountWhatAStrangerWrote() {
        ledger.overwritten(999_999_999_999_999_999L);
        assertThat(ledger.highest()).isZero();
        assertThat(ledger.next(0, "one")).isEqualTo(1);
    }

    @Test
    void shouldKeepTheLowestNumbersOfAFlood() {
        for (long version = 50_000; version > 0; version--) {
            ledger.overwritten(version);
        }
        assertThat(ledger.next(0, "one")).isEqualTo(10_001);
        ledger.used(20_000);
        assertThat(ledger.next(0, "one")).isEqualTo(20_001);
    }

    @Test
    void shouldFindTheNumberThatTheSameBytesHad() {
        ledger.add(7, "seven");
        assertThat(ledger.next(3, "seven")).isEqualTo(7);
        assertThat(ledger.next(7, "seven")).isEqualTo(8);
    }
}
