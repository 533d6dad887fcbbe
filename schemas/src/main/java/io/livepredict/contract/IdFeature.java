package io.livepredict.contract;

/**
 * One hashed categorical feature.
 *
 * @param name stable machine name, e.g. {@code id.context}
 * @param words what a person reads
 * @param buckets ids are in [0, buckets); 0 means absent
 * @param definition hash of what it is
 */
public record IdFeature(String name, String words, int buckets, String definition) {}
