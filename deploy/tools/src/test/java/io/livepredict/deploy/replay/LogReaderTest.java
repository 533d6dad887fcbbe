package io.livepredict.deploy.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.streams.mapping.Column;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {
    private static final String CSV = "ts,who,words\n1,anna,hello\n2,\"ben, the \"\"other\"\"\",\"two\nlines\"\n";

    @TempDir
    Path directory;

    @Test
    void shouldReadCsvPlainAndCompressed() throws IOException {
        Path plain = write("log.csv", CSV);
        Path gzip = directory.resolve("log.csv.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzip))) {
            out.write(CSV.getBytes(StandardCharsets.UTF_8));
        }
        Path xz = directory.resolve("log.csv.xz");
        try (OutputStream out = new XZCompressorOutputStream(Files.newOutputStream(xz))) {
            out.write(CSV.getBytes(StandardCharsets.UTF_8));
        }
        for (Path file : List.of(plain, gzip, xz)) {
            List<RowSource.Row> rows = rows(file);
            assertThat(rows).hasSize(2);
            assertThat(value(rows.get(0), "who")).isEqualTo("anna");
            assertThat(value(rows.get(1), "who")).isEqualTo("ben, the \"other\"");
            assertThat(value(rows.get(1), "words")).isEqualTo("two\nlines");
            assertThat(value(rows.get(1), "absent")).isNull();
            assertThat(rows.get(1).place()).isEqualTo(3);
        }
    }

    @Test
    void shouldTakeTheSeparatorThatASpreadsheetSaysInTheFirstLine() throws IOException {
        for (String said : List.of("sep=;\n", "\uFEFFSEP=;\r\n")) {
            List<RowSource.Row> rows = rows(write("log.csv", said + "ts;who\n1;anna\n2;ben\n"));
            assertThat(rows).hasSize(2);
            assertThat(value(rows.get(1), "who")).isEqualTo("ben");
            assertThat(rows.get(1).place()).isEqualTo(4);
        }
        assertThat(rows(write("log.csv", "sep=,\nts,who\n1,anna\n"))).hasSize(1);
    }

    @Test
    void shouldFindNamesWithDotsOfTheirOwnWithinAnObject() throws IOException {
        List<RowSource.Row> rows = rows(write(
                "log.jsonl",
                "{\"_source\":{\"user.id\":\"anna\",\"event\":{\"a.b\":{\"c\":1}}}}\n{\"_source\":{\"user\":{}}}\n"));
        assertThat(value(rows.get(0), "_source.user.id")).isEqualTo("anna");
        assertThat(value(rows.get(0), "_source.event.a.b.c")).hasToString("1");
        assertThat(value(rows.get(0), "_source.event.a.c")).isNull();
        assertThat(value(rows.get(1), "_source.user.id")).isNull();
    }

    @Test
    void shouldSayWhichRowsHaveNotTheColumnsOfTheHeaderAndGoOn() throws IOException {
        List<RowSource.Row> rows = rows(write("log.csv", "a,b\n1\n1,2\n1,2,3\n"));
        assertThat(rows).hasSize(3);
        assertThat(rows.get(0).words()).contains("1 columns").contains("2");
        assertThat(rows.get(1).fault()).isNull();
        assertThat(rows.get(2).place()).isEqualTo(4);
    }

    @Test
    void shouldReadJsonLinesWithNestedFieldsAndGoOnAfterWhatIsNoJson() throws IOException {
        List<RowSource.Row> rows = rows(write(
                "log.jsonl",
                "{\"user\":{\"id\":\"anna\"},\"n\":1.5,\"ok\":true,\"no\":null}\n\nnonsense\n[1]\n{\"n\":2}\n"));
        assertThat(rows).hasSize(4);
        assertThat(value(rows.get(0), "user.id")).isEqualTo("anna");
        assertThat(value(rows.get(0), "n")).isEqualTo(1.5);
        assertThat(value(rows.get(0), "ok")).isEqualTo(true);
        assertThat(value(rows.get(0), "no")).isNull();
        assertThat(rows.get(1).words()).contains("JSON");
        assertThat(rows.get(2).words()).contains("JSON object");
        assertThat(value(rows.get(3), "n")).isEqualTo(2);
    }

    @Test
    void shouldLoseOnlyTheRowWithAQuoteThatNobodyCloses() throws IOException {
        StringBuilder log = new StringBuilder("a,b\n1,\"stray\n");
        for (int i = 0; i < 50_000; i++) {
            log.append(i).append(",x\n");
        }
        List<RowSource.Row> rows =
                rows(write("log.csv", log.append("7,\"also\n8,y\n").toString()));
        assertThat(rows).hasSize(50_003);
        assertThat(rows.get(0).words()).contains("quoted field");
        assertThat(rows.get(0).place()).isEqualTo(2);
        assertThat(rows.get(1).place()).isEqualTo(3);
        assertThat(rows.get(50_000).fault()).isNull();
        assertThat(rows.get(50_001).words()).contains("quoted field");
        assertThat(value(rows.get(50_002), "b")).isEqualTo("y");
        assertThat(rows.get(50_002).place()).isEqualTo(50_004);
    }

    @Test
    void shouldReadFilesAsOtherSystemsWriteThem() throws IOException {
        List<RowSource.Row> csv = rows(write("log.csv", "\uFEFFa, b ,,\r\n1,2,,\r\n\r\n  \r\n3,\"x\r\ny\",,\r\n"));
        assertThat(csv).hasSize(2);
        assertThat(value(csv.get(0), "b")).isEqualTo("2");
        assertThat(value(csv.get(1), "b")).isEqualTo("x\ny");
        List<RowSource.Row> json = rows(write("log.ndjson", "\uFEFF{\"a\":1}\r\n\r\n{\"a\":2}"));
        assertThat(json).hasSize(2).allMatch(row -> row.fault() == null);
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithTheFile() throws IOException {
        assertThatThrownBy(() -> LogReader.open(directory.resolve("none.csv"), LogForm.PLAIN))
                .isInstanceOf(LogException.class)
                .hasMessageContaining("none.csv")
                .hasMessageContaining("no such file");
        Path unknown = write("log.txt", "x");
        assertThatThrownBy(() -> LogReader.open(unknown, LogForm.PLAIN))
                .isInstanceOf(LogException.class)
                .hasMessageContaining(".jsonl");
        Path empty = write("empty.csv", "");
        assertThatThrownBy(() -> LogReader.open(empty, LogForm.PLAIN)).hasMessageContaining("empty.csv:1");
        Path notGzip = write("log.csv.gz", "a,b\n");
        assertThatThrownBy(() -> LogReader.open(notGzip, LogForm.PLAIN)).isInstanceOf(LogException.class);
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private static List<RowSource.Row> rows(Path file) {
        List<RowSource.Row> rows = new ArrayList<>();
        try (LogReader reader = LogReader.open(file, LogForm.PLAIN)) {
            for (RowSource.Row row = reader.next(); row != null; row = reader.next()) {
                rows.add(row);
            }
            assertThat(reader.progress()).isEqualTo(1);
        }
        return rows;
    }

    private static @Nullable Object value(RowSource.Row row, String column) {
        return Objects.requireNonNull(row.fields()).get(Column.of(column));
    }
}
