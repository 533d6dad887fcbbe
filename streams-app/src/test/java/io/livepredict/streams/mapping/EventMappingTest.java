package io.livepredict.streams.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EventMappingTest {
    private static final String IRC = """
            kind: viewer
            time: {column: ts, unit: seconds}
            id: [user, room]
            context: room
            type: {column: event, map: {join: JOIN, leave: LEAVE, chat: CHAT, reply: CHAT}}
            numbers: {length: arg}
            attributes: {device: client}
            skip: [{event: leave, arg: "6"}]
            """;

    private static EventMapping mapping(String yaml) {
        return new EventMapping(YamlFile.parse(yaml, "mapping.yaml", MappingSettings.class));
    }

    private static Fields row(@Nullable Object... columns) {
        Map<String, Object> row = new HashMap<>();
        for (int i = 0; i < columns.length; i += 2) {
            Object value = columns[i + 1];
            if (value != null) {
                row.put(String.valueOf(columns[i]), value);
            }
        }
        return column -> row.get(column.path());
    }

    private static CanonicalEvent made(EventMapping mapping, Fields row) throws RefusedRecordException {
        return ((EventMapping.Made) mapping.map(row)).event();
    }

    @Test
    void shouldMakeAnEventOfARow() throws RefusedRecordException {
        CanonicalEvent event = made(
                mapping(IRC),
                row(
                        "ts",
                        "1300000000",
                        "user",
                        "ada",
                        "room",
                        "html5",
                        "event",
                        "reply",
                        "arg",
                        "12",
                        "client",
                        "web"));
        assertThat(event)
                .isEqualTo(CanonicalEventBuilder.builder()
                        .entityId("ada/html5")
                        .contextId("html5")
                        .timeMillis(1_300_000_000_000L)
                        .type("CHAT")
                        .numbers(Map.of("length", 12.0))
                        .attributes(Map.of("device", "web"))
                        .build());
    }

    @Test
    void shouldLeaveOutOtherTypesAndWhatASkipRuleNames() throws RefusedRecordException {
        EventMapping mapping = mapping(IRC);
        assertThat(mapping.map(row("ts", "1", "user", "a", "room", "r", "event", "topic")))
                .isEqualTo(new EventMapping.LeftOut(Skip.UNDECLARED_TYPE));
        assertThat(mapping.map(row("ts", "1", "user", "a", "room", "r", "event", "leave", "arg", "6")))
                .isEqualTo(new EventMapping.LeftOut(Skip.SKIP_RULE));
        assertThat(made(mapping, row("ts", "1", "user", "a", "room", "r", "event", "leave", "arg", "5"))
                        .type())
                .isEqualTo("LEAVE");
    }

    @Test
    void shouldLeaveAnEmptyNumberOutAndRefuseOneThatIsNone() throws RefusedRecordException {
        EventMapping mapping = mapping(IRC);
        assertThat(made(mapping, row("ts", "1", "user", "a", "room", "r", "event", "chat", "arg", ""))
                        .numbers())
                .isEmpty();
        assertRefused(
                mapping,
                row("ts", "1", "user", "a", "room", "r", "event", "chat", "arg", "many"),
                DeadLetterReason.BAD_FIELD,
                "column arg is not a number: many");
    }

    @Test
    void shouldRefuseARowWithoutWhatIsNeeded() {
        EventMapping mapping = mapping(IRC);
        assertRefused(
                mapping,
                row("ts", "1", "room", "r", "event", "chat"),
                DeadLetterReason.MISSING_FIELD,
                "column user is missing or empty");
        assertRefused(
                mapping,
                row("user", "a", "room", "r", "event", "chat"),
                DeadLetterReason.MISSING_FIELD,
                "column ts is missing or empty");
        assertRefused(
                mapping,
                row("ts", "1", "user", java.util.List.of(), "room", "r", "event", "chat"),
                DeadLetterReason.BAD_FIELD,
                "column user holds a value that is neither text nor a number");
    }

    private static void assertRefused(EventMapping mapping, Fields row, DeadLetterReason reason, String message) {
        assertThatThrownBy(() -> mapping.map(row)).isInstanceOfSatisfying(RefusedRecordException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e.words()).isEqualTo(message);
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{column: t, unit: seconds} | 1300000000 | 2011-03-13T07:06:40Z",
                "{column: t, unit: seconds} | 1300000000.1239 | 2011-03-13T07:06:40.123Z",
                "{column: t, unit: seconds} | 1.3e9 | 2011-03-13T07:06:40Z",
                "{column: t, unit: millis} | 1300000000123 | 2011-03-13T07:06:40.123Z",
                "{column: t, unit: micros} | 1300000000123999 | 2011-03-13T07:06:40.123Z",
                "{column: t, unit: iso8601} | 2011-03-13T07:06:40Z | 2011-03-13T07:06:40Z",
                "{column: t, unit: iso8601} | 2011-03-13T08:06:40.5+01:00 | 2011-03-13T07:06:40.500Z",
                "{column: t, unit: iso8601, zone: Europe/Berlin} | 2011-03-13 08:06:40 | 2011-03-13T07:06:40Z",
                "{column: t, unit: pattern, pattern: 'dd.MM.yyyy HH:mm'} | 13.03.2011 07:06 | 2011-03-13T07:06:00Z",
                "{column: t, unit: pattern, pattern: 'dd.MM.yyyy', zone: '+02:00'} | 13.03.2011 | 2011-03-12T22:00:00Z"
            })
    void shouldReadATimeInEachUnit(String time, String text, Instant expected) throws RefusedRecordException {
        EventMapping mapping = mapping("kind: viewer\ntime: " + time + "\nid: u\ntype: {always: CHAT}\n");
        assertThat(Instant.ofEpochMilli(made(mapping, row("t", text, "u", "a")).timeMillis()))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"yesterday", "1e999999999", "NaN", "99999999999999999999999999", "0x10"})
    void shouldRefuseWhatIsNoTime(String text) {
        EventMapping mapping = mapping("kind: viewer\ntime: {column: t, unit: seconds}\nid: u\ntype: {always: CHAT}\n");
        assertThatThrownBy(() -> mapping.map(row("t", text, "u", "a")))
                .isInstanceOfSatisfying(
                        RefusedRecordException.class,
                        e -> assertThat(e.reason()).isEqualTo(DeadLetterReason.BAD_FIELD));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kind: viewr | mapping.yaml:1: kind: | one of viewer, player",
                "'kind: viewer\ntime: {column: ts, unit: days}' | mapping.yaml:2: time.unit: | must be one of seconds",
                "'kind: viewer\ntime: {column: ts, unit: pattern}' | mapping.yaml:2: time: | a pattern goes with",
                "'kind: viewer\ntime: {colum: ts, unit: seconds}' | mapping.yaml:2: time.colum: | did you mean column?",
                "'kind: viewer\ntime: {column: ts, unit: seconds}\nid: u\ntype: {}' | mapping.yaml:4: type: | either column or always"
            })
    void shouldRefuseAWrongKeyWithItsLine(String yaml, String place, String reason) {
        assertThatThrownBy(() -> mapping(yaml))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(place)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("\n");
    }
}
