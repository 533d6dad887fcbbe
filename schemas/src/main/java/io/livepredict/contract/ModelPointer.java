package io.livepredict.contract;

/**
 * Which version is to be served; JSON in the models topic, signed.
 *
 * @param name the model's name
 * @param version the version to serve
 * @param pinned whether an operator chose it: the trainer does not move a pinned pointer
 * @param manifestSha256 hash of that version's manifest JSON bytes
 * @param issuedAt ISO-8601, UTC
 */
public record ModelPointer(String name, long version, boolean pinned, String manifestSha256, String issuedAt) {}
