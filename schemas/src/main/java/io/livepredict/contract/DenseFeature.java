package io.livepredict.contract;

/**
 * One dense feature.
 *
 * @param name stable machine name, e.g. {@code count.CHAT.5m}
 * @param words what a person reads in a reason, e.g. "chats in the last 5 min"
 * @param scale what it measures
 * @param definition hash of what it is ({@link Hashes#definition}): a model asks for a feature by name and definition
 */
public record DenseFeature(String name, String words, Scale scale, String definition) {}
