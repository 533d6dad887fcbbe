package io.livepredict.deploy.console.source;

import java.util.Map;

/** A value of a metric. */
public record Sample(String name, Map<String, String> labels, double value) {
    /** A label's value, or an empty text. */
    public String label(String of) {
        return labels.getOrDefault(of, "");
    }
}
