package io.livepredict.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TableTest {
    private final Table table =
            new Table("target", "n", "AUC").row("leave-30s", "1,000", "0.7").row("gift", "7", "0.51");

    @Test
    void shouldBeMarkdown() {
        assertThat(table.markdown()).isEqualTo("""
                | target | n | AUC |
                | --- | --: | --: |
                | leave-30s | 1,000 | 0.7 |
                | gift | 7 | 0.51 |
                """);
    }

    @Test
    void shouldAlignColumnsOnAConsole() {
        assertThat(table.console()).isEqualTo("""
                target         n   AUC
                leave-30s  1,000   0.7
                gift           7  0.51
                """);
    }

    @Test
    void shouldRefuseARowOfAnotherWidth() {
        assertThatThrownBy(() -> table.row("chat", "1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a row of 2 cells under a head of 3");
    }
}
