package io.livepredict.contract;

/**
 * Somebody's wish that a viewer or player be forgotten, a record of the topic {@code erasures}.
 *
 * @param kind which kind of entity
 * @param entityId the viewer or player, as it is in predictions
 * @param id names the request; receipts carry it
 * @param requestedAtMillis events of the entity up to then, epoch milliseconds, are not taken in any more
 */
public record Erasure(Kind kind, String entityId, String id, long requestedAtMillis) {}
