package io.livepredict.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvReaderTest {
    private static List<CsvReader.Row> rows(String text, char separator, boolean quotes) throws IOException {
        CsvReader reader = new CsvReader(new BufferedReader(new StringReader(text)), separator, quotes);
        List<CsvReader.Row> rows = new ArrayList<>();
        for (CsvReader.Row row = reader.next(); row != null; row = reader.next()) {
            rows.add(row);
        }
        assertThat(reader.next()).as("asked again at the end").isNull();
        return rows;
    }

    @Test
    void shouldReadQuotedCellsWithAnySeparator() throws IOException {
        List<CsvReader.Row> rows = rows("\uFEFFa;b\n\"x;\"\"y\"\"\";\"two\nlines\"\n\n;\n", ';', true);
        assertThat(rows)
                .extracting(CsvReader.Row::cells)
                .containsExactly(List.of("a", "b"), List.of("x;\"y\"", "two\nlines"), List.of("", ""));
        assertThat(rows).extracting(CsvReader.Row::line).containsExactly(1L, 2L, 5L);
    }

    @Test
    void shouldReadTheTextFormatOfCopy() throws IOException {
        assertThat(rows("1\t\\N\t\"a\\tb\\\\\n2\t\t\n\\.\nSELECT 1;\n", '\t', false))
                .extracting(CsvReader.Row::cells)
                .containsExactly(List.of("1", "\\N", "\"a\tb\\"), List.of("2", "", ""));
    }

    @Test
    void shouldLoseOnlyTheRowWithAQuoteThatNobodyCloses() throws IOException {
        List<CsvReader.Row> rows = rows("1,\"open\n2,x\n", ',', true);
        assertThat(rows).extracting(CsvReader.Row::isWhole).containsExactly(false, true);
        assertThat(rows.get(1).cells()).containsExactly("2", "x");
    }
}
