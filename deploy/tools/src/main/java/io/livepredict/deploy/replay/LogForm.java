package io.livepredict.deploy.replay;

import io.livepredict.streams.mapping.MappingSettings;
import io.livepredict.streams.mapping.MappingSettings.LogFormat;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a log file is written, as far as a mapping says so.
 *
 * @param format null for what the name of the file says
 * @param separator between the cells of a row; null for what the format has
 * @param quotes whether cells may stand in double quotes
 * @param encoding of text without a byte order mark; null for UTF-8
 * @param columns names of the columns; empty where the first line names them
 * @param rows the path of the list of rows in one JSON document; null if the document is that list
 */
record LogForm(
        @Nullable LogFormat format,
        @Nullable Character separator,
        boolean quotes,
        @Nullable Charset encoding,
        List<String> columns,
        @Nullable String rows) {
    /** Everything as the file itself shows it. */
    static final LogForm PLAIN = new LogForm(null, null, true, null, List.of(), null);

    static LogForm of(MappingSettings mapping) {
        return new LogForm(
                mapping.format(),
                mapping.separatorSign(),
                mapping.quotes() == null || mapping.quotes(),
                mapping.encoding() == null ? null : Charset.forName(mapping.encoding()),
                mapping.columns(),
                mapping.rows());
    }

    Charset charset() {
        return encoding == null ? StandardCharsets.UTF_8 : encoding;
    }

    char separatorFor(LogFormat actual) {
        return separator != null ? separator : actual == LogFormat.TSV ? '\t' : ',';
    }
}
