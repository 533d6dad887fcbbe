package io.livepredict.streams.score;

/**
 * Which model made a score.
 *
 * @param name the model's name
 * @param version 0 for the configured prior
 * @param sha256 of its ONNX bytes, hex; empty for the prior
 */
public record ModelIdentity(String name, long version, String sha256) {
    /** The configured prior of the model of that name. */
    public static ModelIdentity prior(String name) {
        return new ModelIdentity(name, 0, "");
    }
}
