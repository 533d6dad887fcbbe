package io.livepredict.streams.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.streams.mapping.MappingSettings.Time;
import io.livepredict.streams.mapping.MappingSettings.Unit;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventTimeTest {
    private static Instant read(Time time, Object value) throws RefusedRecordException {
        return Instant.ofEpochMilli(new EventTime(time, Duration.ofMinutes(1)).millis(column -> value));
    }

    private static Time pattern(String pattern, @Nullable String zone, @Nullable String locale) {
        return new Time("t", Unit.PATTERN, pattern, zone, locale);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "M/d/yyyy h:mm a | 3/4/2024 9:05 PM | | 2024-03-04T21:05:00Z",
                "M/d/yyyy h:mm a | 3/4/2024 12:05 AM | | 2024-03-04T00:05:00Z",
                "M/d/yyyy h:mm a | 3/4/2024 12:05 PM | | 2024-03-04T12:05:00Z",
                "M/d/yyyy h:mm a | 3/4/2024 9:05 pm | | 2024-03-04T21:05:00Z",
                "M/d/yyyy h:mm a | 3/4/2024 9:05 p.m. | | 2024-03-04T21:05:00Z",
                "M/d/yyyy h:mm a | 3/4/2024 9:05\u202FPM | | 2024-03-04T21:05:00Z",
                "yyyy-MM-dd K:mm a | 2024-03-04 0:10 PM | | 2024-03-04T12:10:00Z",
                "yyyy-MM-dd h:mm B | 2024-03-04 1:10 in the afternoon | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd kk:mm:ss | 2024-03-04 24:10:00 | | 2024-03-04T00:10:00Z",
                "yyyy-MM-dd kk:mm:ss | 2024-03-04 13:10:00 | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd HH:mm | 2024-03-04 13:10 | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd HH | 2024-03-04 13 | | 2024-03-04T13:00:00Z",
                "yyyyMMddHHmmss | 20240304131000 | | 2024-03-04T13:10:00Z",
                "yyyyMMddHHmmssSSS | 20240304131000123 | | 2024-03-04T13:10:00.123Z",
                "dd/MMM/yyyy:HH:mm:ss Z | 04/Mar/2024:13:10:00 +0000 | | 2024-03-04T13:10:00Z",
                "EEE, dd MMM yyyy HH:mm:ss z | Mon, 04 Mar 2024 13:10:00 GMT | | 2024-03-04T13:10:00Z",
                "EEE MMM dd HH:mm:ss Z yyyy | Mon Mar 04 13:10:00 +0000 2024 | | 2024-03-04T13:10:00Z",
                "MMM d, yyyy, h:mm:ss a | Mar 4, 2024, 1:10:00 PM | | 2024-03-04T13:10:00Z",
                "MMMM d, yyyy HH:mm | March 4, 2024 13:10 | | 2024-03-04T13:10:00Z",
                "MMM d, yyyy HH:mm | March 4, 2024 13:10 | | 2024-03-04T13:10:00Z",
                "MMM d, yyyy HH:mm | Sept. 4, 2024 13:10 | | 2024-09-04T13:10:00Z",
                "EEE d MMM yyyy HH:mm | monday  4 MAR 2024 13:10 | | 2024-03-04T13:10:00Z",
                "dd-MM-yy HH:mm | 04-03-24 13:10 | | 2024-03-04T13:10:00Z",
                "yyyy-DDD | 2024-064 | | 2024-03-04T00:00:00Z",
                "YYYY-'W'ww-e | 2024-W10-1 | | 2024-03-04T00:00:00Z",
                "YYYY-'W'ww-e | 2021-W10-1 | | 2021-03-08T00:00:00Z",
                "yyyy-MM-dd HH:mm:ss,SSS | 2024-03-04 13:10:00,123 | | 2024-03-04T13:10:00.123Z",
                "yyyy-MM-dd HH:mm:ss.SSSSSS | 2024-03-04 13:10:00.123456 | | 2024-03-04T13:10:00.123Z",
                "yyyy-MM-dd HH:mm:ssx | 2024-03-04 13:10:00+00 | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd HH:mm:ss VV | 2024-03-04 13:10:00 Europe/Berlin | | 2024-03-04T12:10:00Z",
                "yyyy-MM-dd HH:mm:ss | 2024-03-31 02:30:00 | Europe/Berlin | 2024-03-31T01:30:00Z",
                "yyyy-MM-dd HH:mm:ss | 2024-10-27 01:59:00 | Europe/Berlin | 2024-10-26T23:59:00Z",
                "yyyy-MM-dd HH:mm:ss | 2024-10-27 02:30:00 | Europe/Berlin | 2024-10-27T00:30:00Z",
                "yyyy-MM-dd HH:mm:ss | 2024-10-27 03:00:00 | Europe/Berlin | 2024-10-27T02:00:00Z",
                "d.M.yyyy H:mm | 4.3.2024 9:05 | | 2024-03-04T09:05:00Z",
                "yyyy年M月d日 HH:mm | 2024年3月4日 13:10 | | 2024-03-04T13:10:00Z",
                "M/d/yyyy, h:mm:ss a | 3/4/2024, 1:10:00 PM | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd'T'HH:mm:ss'Z' | 2024-03-04T13:10:00Z | Europe/Berlin | 2024-03-04T13:10:00Z",
                "uuuu-MM-dd HH:mm:ss | 2024-03-04 13:10:00 | | 2024-03-04T13:10:00Z",
                "MMM d yyyy HH:mm | mar 4 2024 13:10 | | 2024-03-04T13:10:00Z",
                "yyyy-MM-dd[ HH:mm] | 2024-03-04 | | 2024-03-04T00:00:00Z"
            })
    void shouldReadPatternsAsPeopleMeanThem(String pattern, String text, @Nullable String zone, Instant expected)
            throws RefusedRecordException {
        assertThat(read(pattern(pattern, zone, null), text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "de | d. MMM yyyy | 4. März 2024",
                "de | d. MMM yyyy | 4. Mär 2024",
                "de | d. MMMM yyyy | 4. märz 2024",
                "de | EEE, d.MMM.yyyy | Mo., 4.Mär.2024",
                "fr | d MMM yyyy | 4 mars 2024",
                "pt-BR | d 'de' MMMM 'de' yyyy | 4 de março de 2024"
            })
    void shouldReadNamesInTheLanguageOfTheLocale(String locale, String pattern, String text)
            throws RefusedRecordException {
        assertThat(read(pattern(pattern, null, locale), text)).isEqualTo(Instant.parse("2024-03-04T00:00:00Z"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "yyyy-MM | year, month and day are needed",
                "HH:mm:ss | gives no date",
                "hh:mm:ss | gives no date",
                "yyyy-MM-dd hh:mm:ss | hh goes up to 12 and needs AM or PM",
                "YYYY-MM-dd | YYYY is the year of a week, the year is yyyy",
                "yyyy-mm-dd | mm is minutes, months are MM",
                "yyyy-MM-dd HH:MM | minutes are mm",
                "yyyy-MM-dd HH:mm:SS | SS is a fraction of a second",
                "yyyy-MM-DD | the day of the month is dd",
                "yyyy-MM-ddTHH:mm:ss | put in quotes",
                "yyyy-MM-dd 'at | pattern 'yyyy-MM-dd 'at'"
            })
    void shouldRefuseAPatternThatNoTextCanFit(String pattern, String remedy) {
        assertThatThrownBy(() -> pattern(pattern, null, null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pattern '" + pattern + "': ")
                .hasMessageContaining(remedy);
    }

    @Test
    void shouldRefuseAnUnknownLocaleAndHintAtWhatMayBeMeantOtherwise() {
        assertThatThrownBy(() -> pattern("yyyy-MM-dd", null, "xx")).hasMessageContaining("locale 'xx' is not known");
        assertThat(pattern("yyyy-MM-dd HH:mm a", null, null).hints())
                .singleElement()
                .asString()
                .contains("hh");
        assertThat(pattern("yyyy-MM-dd hh:mm a", null, null).hints()).isEmpty();
        assertThat(pattern("[dd/MMM/yyyy:HH:mm:ss", null, null).hints())
                .singleElement()
                .asString()
                .contains("written '['");
        assertThat(pattern("'['dd/MMM/yyyy:HH:mm[:ss]", null, null).hints()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2024-01-31T12:00:01Z | 2024-01-31T12:00:01Z",
                "2024-01-31t12:00:01z | 2024-01-31T12:00:01Z",
                "2024-01-31 12:00:02 | 2024-01-31T12:00:02Z",
                "2024-01-31T12:00 | 2024-01-31T12:00:00Z",
                "2024-01-31T12 | 2024-01-31T12:00:00Z",
                "2024-01-31T12:00:03+01:00 | 2024-01-31T11:00:03Z",
                "2024-01-31T12:00:03\u221201:00 | 2024-01-31T13:00:03Z",
                "2024-01-31T12:00:04.000+0000 | 2024-01-31T12:00:04Z",
                "2024-01-31T12:00:05+00 | 2024-01-31T12:00:05Z",
                "2024-01-31 12:00:06.123456+00 | 2024-01-31T12:00:06.123Z",
                "2024-01-31 12:00:06.1234567 +02:00 | 2024-01-31T10:00:06.123Z",
                "2024-01-31 12:00:07 +02:00 | 2024-01-31T10:00:07Z",
                "2024-01-31 12:00:08 +0200 | 2024-01-31T10:00:08Z",
                "2024-01-31 12:00:08+05:53:28 | 2024-01-31T06:06:40Z",
                "2024-01-31 12:00:09 UTC | 2024-01-31T12:00:09Z",
                "2024-01-31 12:00:09 Europe/Berlin | 2024-01-31T11:00:09Z",
                "2024-01-31T12:00:09+01:00[Europe/Berlin] | 2024-01-31T11:00:09Z",
                "2024-01-31T12:00:09Z[UTC] | 2024-01-31T12:00:09Z",
                "2024-02-01 | 2024-02-01T00:00:00Z",
                "20240201 | 2024-02-01T00:00:00Z",
                "20240201T120000Z | 2024-02-01T12:00:00Z",
                "20240201T1200 | 2024-02-01T12:00:00Z",
                "2024-032 | 2024-02-01T00:00:00Z",
                "2024032 | 2024-02-01T00:00:00Z",
                "2024-W05-4 | 2024-02-01T00:00:00Z",
                "2024W054T12 | 2024-02-01T12:00:00Z",
                "2024-01-31T24:00:00Z | 2024-02-01T00:00:00Z",
                "2016-12-31T23:59:60Z | 2017-01-01T00:00:00Z",
                "2024-02-01T12:00:00,123Z | 2024-02-01T12:00:00.123Z"
            })
    void shouldReadWhatIso8601AndDatabasesAndJsonLibrariesWrite(String text, Instant expected)
            throws RefusedRecordException {
        assertThat(read(Time.of("t", Unit.ISO8601), text)).isEqualTo(expected);
    }

    @Test
    void shouldReadAListOfNumbersAsJacksonWritesALocalTime() throws RefusedRecordException {
        assertThat(read(Time.of("t", Unit.ISO8601), List.of(2024, 1, 31, 12, 0, 4)))
                .isEqualTo(Instant.parse("2024-01-31T12:00:04Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2024-01",
                "2024-13-01",
                "2024-01-31T25:00",
                "2024-01-31T12:00:00 nowhere",
                "2024-01-31T12:00:00+01:00x",
                "2024-01-31x12:00",
                "2024-0131",
                "1700000000",
                "-infinity",
                "T"
            })
    void shouldRefuseWhatIsNoIsoTime(String text) {
        assertThatThrownBy(() -> read(Time.of("t", Unit.ISO8601), text))
                .hasMessage("column t is not a time in ISO 8601: " + text);
    }

    @Test
    void shouldTellTheTwoPassesOfTheRepeatedHourByTheOrderOfTheLog() throws RefusedRecordException {
        EventTime time = new EventTime(pattern("yyyy-MM-dd HH:mm", "Europe/Berlin", null), Duration.ofMinutes(1));
        LocalDateTime begin = LocalDateTime.of(2024, 10, 27, 1, 50);
        Instant expected = Instant.parse("2024-10-26T23:50:00Z");
        for (int minute = 0; minute < 200; minute++) {
            // The wall clock goes back by an hour at 03:00, after 70 minutes.
            String text = begin.plusMinutes(minute < 70 ? minute : minute - 60)
                    .toString()
                    .replace('T', ' ');
            assertThat(Instant.ofEpochMilli(time.millis(column -> text)))
                    .as(text)
                    .isEqualTo(expected.plus(Duration.ofMinutes(minute)));
        }
    }

    @Test
    void shouldTellThemByTheRecordsTimestampInATopic() throws RefusedRecordException {
        EventTime time = new EventTime(pattern("yyyy-MM-dd HH:mm", "Europe/Berlin", null), Duration.ofMinutes(1));
        Instant first = Instant.parse("2024-10-27T00:30:00Z");
        Instant second = first.plus(Duration.ofHours(1));
        for (Instant meant : List.of(second, first, second, first)) {
            Instant stamp = meant.plusSeconds(20);
            assertThat(Instant.ofEpochMilli(time.millis(new Fields() {
                        @Override
                        public Object get(Column column) {
                            return "2024-10-27 02:30";
                        }

                        @Override
                        public OptionalLong stampMillis() {
                            return OptionalLong.of(stamp.toEpochMilli());
                        }
                    })))
                    .isEqualTo(meant);
        }
    }
}
