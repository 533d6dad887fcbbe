package io.livepredict.deploy.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import io.livepredict.deploy.console.series.SeriesTable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Map;
import java.util.function.Predicate;

/** Answers in JSON. */
final class Json {
    /** The attribute of a request that was answered with a problem. */
    static final String PROBLEM = "problem";

    private static final MathContext DIGITS = new MathContext(5, RoundingMode.HALF_EVEN);

    private Json() {}

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    static void answer(Context context, JsonNode json) {
        context.contentType("application/json")
                .header("Cache-Control", "no-store")
                .result(json.toString());
    }

    static void problem(Context context, int status, String title, String detail) {
        context.attribute(PROBLEM, title);
        context.status(status)
                .contentType("application/problem+json")
                .header("Cache-Control", "no-store")
                .result(object().put("status", status)
                        .put("title", title)
                        .put("detail", detail)
                        .toString());
    }

    /** Columns by name, the times first. */
    static ObjectNode rows(SeriesTable.Rows rows) {
        ObjectNode json = object();
        ArrayNode times = json.putArray("t");
        for (long time : rows.times()) {
            times.add(time);
        }
        ObjectNode values = json.putObject("values");
        rows.values().forEach((name, column) -> {
            ArrayNode list = values.putArray(name);
            for (float value : column) {
                put(list, value);
            }
        });
        return json;
    }

    /** The values of one row that are numbers. */
    static ObjectNode row(Map<String, Double> row, Predicate<String> wanted) {
        ObjectNode json = object();
        row.forEach((name, value) -> {
            if (wanted.test(name) && Double.isFinite(value)) {
                json.put(name, shortened(value));
            }
        });
        return json;
    }

    private static void put(ArrayNode list, float value) {
        if (Float.isFinite(value)) {
            list.add(shortened(value));
        } else {
            list.addNull();
        }
    }

    /** Five digits are as many as a chart can show, but whole numbers, such as versions, are kept whole. */
    private static BigDecimal shortened(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return BigDecimal.valueOf((long) value);
        }
        return new BigDecimal(value, DIGITS).stripTrailingZeros();
    }
}
