package io.livepredict.trainer.learner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OrderedRowsTest {
    @TempDir
    Path folder;

    @Test
    void shouldGiveRowsInOrderOfTimeWhetherTheyFitInMemoryOrNot() throws IOException {
        for (long mostChars : new long[] {40, 1_000_000}) {
            Random random = new Random(7);
            List<String> expected = new ArrayList<>();
            List<String> given = new ArrayList<>();
            try (OrderedRows rows = new OrderedRows(folder, mostChars)) {
                for (int i = 0; i < 500; i++) {
                    long time = random.nextInt(-50, 50);
                    String text = String.format("%+04d,%c", time, 'a' + random.nextInt(5));
                    expected.add(text);
                    rows.add(time, text);
                }
                assertThat(files()).isEqualTo(mostChars < 100);
                rows.drainTo(given::add);
            }
            expected.sort((a, b) -> {
                int byTime = Integer.compare(Integer.parseInt(a.substring(0, 4)), Integer.parseInt(b.substring(0, 4)));
                return byTime == 0 ? a.compareTo(b) : byTime;
            });
            assertThat(given).isEqualTo(expected);
            assertThat(files()).as("nothing is left behind").isFalse();
        }
    }

    private boolean files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isPresent();
        }
    }
}
