package io.livepredict.streams.mapping;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.contract.CanonicalEvent;
import io.livepredict.contract.CanonicalEventBuilder;
import io.livepredict.contract.DeadLetterReason;
import io.livepredict.settings.SettingsException;
import io.livepredict.settings.YamlFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
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
    void shouldLeaveOutANumberThatIsEmptyOrNoneAndSaySoOfTheLatter() throws RefusedRecordException {
        List<String> faults = new ArrayList<>();
        EventMapping mapping = new EventMapping(
                YamlFile.parse(IRC, "mapping.yaml", MappingSettings.class),
                (column, why) -> faults.add(column + ": " + why));
        assertThat(made(mapping, row("ts", "1", "user", "a", "room", "r", "event", "chat", "arg", ""))
                        .numbers())
                .isEmpty();
        assertThat(faults).isEmpty();
        assertThat(made(mapping, row("ts", "1", "user", "a", "room", "r", "event", "chat", "arg", "many"))
                        .numbers())
                .isEmpty();
        assertThat(made(
                                mapping,
                                row(
                                        "ts",
                                        "1",
                                        "user",
                                        "a",
                                        "room",
                                        "r",
                                        "event",
                                        "chat",
                                        "arg",
                                        Double.NaN,
                                        "client",
                                        Map.of("os", "x")))
                        .attributes())
                .isEmpty();
        assertThat(faults)
                .containsExactly(
                        "arg: column arg is not a number: many",
                        "arg: column arg is not a number: NaN",
                        "client: column client holds an object that is neither text nor a number");
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
                row("ts", "1", "user", List.of(), "room", "r", "event", "chat"),
                DeadLetterReason.BAD_FIELD,
                "column user holds a list that is neither text nor a number: say which element, such as user.0, or what to"
                        + " make of all, such as last(user.*)");
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
                "{column: t, unit: nanos} | 1300000000123999999 | 2011-03-13T07:06:40.123Z",
                "{column: t, unit: days} | 15046 | 2011-03-13T00:00:00Z",
                "{column: t, unit: days} | 15046.5 | 2011-03-13T12:00:00Z",
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
                "'kind: viewer\ntime: {column: ts, unit: weeks}' | mapping.yaml:2: time.unit: | must be one of days",
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

    @Test
    void shouldReadWhatStandsForNothingAndForeignNumbers() throws RefusedRecordException {
        EventMapping mapping =
                mapping(IRC.replace("[user, room]", "user") + "null: [\"\", NULL, \"\\\\N\", NA]\ndecimal: \",\"\n");
        CanonicalEvent event = made(
                mapping, row("ts", "1", "user", "a", "room", "NULL", "event", "chat", "arg", "\\N", "client", "NA"));
        assertThat(event.contextId()).isEmpty();
        assertThat(event.numbers()).isEmpty();
        assertThat(event.attributes()).isEmpty();
        assertThat(made(mapping, row("ts", "1", "user", "a", "event", "chat", "arg", "1.234,5 €"))
                        .numbers())
                .containsEntry("length", 1234.5);
        assertRefused(
                mapping,
                row("ts", "1", "user", "NULL", "event", "chat"),
                DeadLetterReason.MISSING_FIELD,
                "column user is missing or empty");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | 1 | 1",
                "'' | -2.5e3 | -2500",
                "'' | $3.50 | 3.5",
                "'' | CA$5 | 5",
                "'' | 5.00 EUR | 5",
                "'' | -€2 | -2",
                "'' | 1,5 | ",
                "'' | 0x10 | ",
                "'' | 1d | ",
                "'' | NaN | ",
                "'' | 12 apples | ",
                "'.' | 1,234.5 | 1234.5",
                "'.' | ¥1,000 | 1000",
                "'.' | 1,2,3 | ",
                "',' | 1,5 | 1.5",
                "',' | 1.234.567,8 | 1234567.8",
                "',' | 1 234,5 | 1234.5",
                "',' | 1.5 | ",
                "',' | 12 | 12"
            })
    void shouldReadNumbersAsTheyAreWritten(String decimal, String text, @Nullable Double expected) {
        assertThat(new NumberText(decimal.isEmpty() ? null : decimal).read(text))
                .isEqualTo(expected);
    }

    @Test
    void shouldFindValuesInListsAndMakeOneOfMany() {
        Map<String, Object> row = Map.of(
                "items",
                List.of(Map.of("price", 3), Map.of("price", "4"), Map.of("name", "x")),
                "pos",
                List.of(10, 20));
        assertThat(found(row, "items.0.price")).isEqualTo(3);
        assertThat(found(row, "pos.1")).isEqualTo(20);
        assertThat(found(row, "pos.2")).isNull();
        assertThat(found(row, "sum(items.*.price)")).isEqualTo(7.0);
        assertThat(found(row, "mean(items.*.price)")).isEqualTo(3.5);
        assertThat(found(row, "count(items.*.price)")).isEqualTo(2);
        assertThat(found(row, "last(pos.*)")).isEqualTo(20);
        assertThat(found(row, "items.price"))
                .isInstanceOfSatisfying(
                        Values.Unfit.class,
                        unfit -> assertThat(unfit.why())
                                .contains("items.0.price")
                                .contains("last(items.*.price)"));
        assertThatThrownBy(() -> Column.of("items.*.price")).hasMessageContaining("sum(");
        assertThat(found(Map.of("a.b", 1, "a", Map.of("b", 2)), "a.b")).isEqualTo(1);
    }

    private static @Nullable Object found(Map<String, Object> row, String path) {
        return Values.find(row, Column.of(path), Values.NO_RECORDS);
    }

    @Test
    void shouldReadTheRecordsOwnTimestampAndKeyAndSchema() throws RefusedRecordException {
        EventMapping mapping = mapping("""
                kind: viewer
                time: {unit: record}
                id: $key
                type: {column: $schema, map: {Joined: JOIN, demo.Left: LEAVE}}
                tombstones: LEAVE
                """);
        Map<String, String> record = new HashMap<>(Map.of("$key", "ada", "$schema", "demo.Joined"));
        Fields fields = new Fields() {
            @Override
            public @Nullable Object get(Column column) {
                return record.get(column.path());
            }

            @Override
            public OptionalLong stampMillis() {
                return OptionalLong.of(17);
            }
        };
        assertThat(made(mapping, fields)).satisfies(event -> {
            assertThat(event.entityId()).isEqualTo("ada");
            assertThat(event.timeMillis()).isEqualTo(17);
            assertThat(event.type()).isEqualTo("JOIN");
        });
        record.put("$schema", "demo.Left");
        assertThat(made(mapping, fields).type()).isEqualTo("LEAVE");
        assertThat(((EventMapping.Made) mapping.mapTombstone(fields)).event().type())
                .isEqualTo("LEAVE");
        assertThat(mapping(IRC + "tombstones: skip\n").mapTombstone(fields))
                .isEqualTo(new EventMapping.LeftOut(Skip.TOMBSTONE));
        assertThatThrownBy(() -> mapping(IRC).mapTombstone(fields)).hasMessageContaining("tombstones: skip");
    }
}
