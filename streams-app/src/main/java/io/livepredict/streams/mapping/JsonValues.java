package io.livepredict.streams.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as maps, lists, texts, numbers and truth values. Only what a mapping needs of a record can be its fault: NaN is a
 * number like others until someone maps it, and of a key that is there twice nothing is said unless the values differ and
 * someone maps it.
 */
public final class JsonValues {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    private JsonValues() {}

    /**
     * Reads one value that takes all the bytes from {@code begin} on.
     *
     * @throws IOException if they are no JSON
     */
    public static @Nullable Object read(byte[] bytes, int begin) throws IOException {
        try (JsonParser parser = FACTORY.createParser(bytes, begin, bytes.length - begin)) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new JsonParseException(parser, "something follows after it");
            }
            return value;
        }
    }

    /**
     * Reads the value at the beginning of a line; what follows it does not matter.
     *
     * @throws IOException if there is none
     */
    public static @Nullable Object readLine(String line) throws IOException {
        try (JsonParser parser = FACTORY.createParser(line)) {
            parser.nextToken();
            return value(parser);
        }
    }

    /** A parser over a document, for whoever reads it piece by piece with {@link #value}. */
    public static JsonParser parser(Reader document) throws IOException {
        return FACTORY.createParser(document);
    }

    /**
     * The value that begins at the parser's current token.
     *
     * @throws IOException if there is none
     */
    public static @Nullable Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new JsonParseException(parser, "it ends before a value");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            case VALUE_NULL -> null;
            default -> throw new JsonParseException(parser, "unexpected " + token);
        };
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> object = new HashMap<>();
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            parser.nextToken();
            put(object, key, value(parser));
        }
        if (parser.currentToken() != JsonToken.END_OBJECT) {
            throw new JsonParseException(parser, "an object does not end");
        }
        return object;
    }

    private static void put(Map<String, Object> object, String key, @Nullable Object value) {
        Object known = object.get(key);
        if (value != null && (known == null || known.equals(value))) {
            object.put(key, value);
        } else if (known != null) {
            object.put(key, new Values.Unfit("is there twice, with different values"));
        }
    }

    private static List<@Nullable Object> array(JsonParser parser) throws IOException {
        List<@Nullable Object> list = new ArrayList<>();
        for (JsonToken token = parser.nextToken(); token != JsonToken.END_ARRAY; token = parser.nextToken()) {
            list.add(value(parser));
        }
        return list;
    }
}
