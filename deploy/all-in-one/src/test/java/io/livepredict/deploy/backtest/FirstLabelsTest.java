package io.livepredict.deploy.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class FirstLabelsTest {
    @Test
    void shouldCompareWithTheLabelsThatWereKnownAtEachSnapshot() {
        TargetTrack track = new TargetTrack(10);
        track.add("a", 0, 0.9, 1); // nothing is known
        track.add("b", 9, 0.9, 1);
        track.add("c", 10, 0.8, 1); // a's 1 is known: 1.5 of 2
        track.add("d", 25, 0.5, 0); // 1, 1 and 1 are known: 3.5 of 4
        FirstLabels first = FirstLabels.of(track);
        assertThat(first.n()).isEqualTo(2);
        assertThat(first.served()).isCloseTo((-Math.log(0.8) - Math.log(0.5)) / 2, within(1e-6));
        assertThat(first.baseRate()).isCloseTo((-Math.log(0.75) - Math.log(0.125)) / 2, within(1e-6));
        assertThat(first.ratio()).isCloseTo(first.served() / first.baseRate(), within(1e-9));
    }
}
