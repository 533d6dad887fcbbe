package io.livepredict.trainer.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdwinTest {
    private static double coin(Random random, double p) {
        return random.nextDouble() < p ? 1 : 0;
    }

    @Test
    void shouldFindAChangeSoonAndForgetWhatWasBefore() {
        Adwin adwin = new Adwin(0.002);
        Random random = new Random(1);
        for (int i = 0; i < 5_000; i++) {
            adwin.add(coin(random, 0.2));
        }
        assertThat(adwin.mean()).isBetween(0.18, 0.22);
        int found = -1;
        double change = Double.NaN;
        for (int i = 0; i < 5_000; i++) {
            if (adwin.add(coin(random, 0.5)) && found < 0) {
                found = i;
                change = adwin.change();
            }
        }
        assertThat(found).isBetween(0, 400);
        // From .2 to .5, told in full at once, though most of the window was still from before.
        assertThat(change).isBetween(0.75, 2.5);
        assertThat(adwin.mean()).isBetween(0.47, 0.53);
        assertThat(adwin.width()).isLessThan(5_600);
    }

    @Test
    void shouldStayQuietWhenNothingChanges() {
        int alarms = 0;
        for (int seed = 0; seed < 20; seed++) {
            Adwin adwin = new Adwin(0.002);
            Random random = new Random(seed);
            for (int i = 0; i < 10_000; i++) {
                if (adwin.add(coin(random, 0.3))) {
                    alarms++;
                }
            }
        }
        // 20 runs of 312 checks each; the bound is conservative, so far fewer than delta allows.
        assertThat(alarms).isLessThanOrEqualTo(3);
    }

    @Test
    void shouldKeepMeanAndWidthOfWhatIsInTheWindow() {
        Adwin adwin = new Adwin(0.002);
        Random random = new Random(2);
        double sum = 0;
        for (int i = 0; i < 3_000; i++) {
            double value = random.nextDouble() * 0.1 + 0.4;
            sum += value;
            assertThat(adwin.add(value)).isFalse();
        }
        assertThat(adwin.width()).isEqualTo(3_000);
        assertThat(adwin.mean()).isCloseTo(sum / 3_000, org.assertj.core.data.Offset.offset(1e-12));
    }

    @Test
    void shouldGoOnAlikeFromWhatItWrote() throws IOException {
        Adwin adwin = new Adwin(0.01);
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            adwin.add(coin(random, 0.3));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        adwin.write(new DataOutputStream(bytes));
        Adwin copy = new Adwin(0.01);
        copy.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
        for (int i = 0; i < 2_000; i++) {
            double value = coin(random, i < 500 ? 0.3 : 0.9);
            assertThat(copy.add(value)).isEqualTo(adwin.add(value));
        }
        assertThat(copy.mean()).isEqualTo(adwin.mean());
        assertThat(copy.width()).isEqualTo(adwin.width());
    }

    @Test
    void shouldRefuseWhatIsOutOfRange() {
        Adwin adwin = new Adwin(0.002);
        assertThatThrownBy(() -> adwin.add(1.5)).hasMessage("values must be in 0..1, got 1.5");
        assertThatThrownBy(() -> adwin.add(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Adwin(0)).hasMessageContaining("delta");
    }
}
