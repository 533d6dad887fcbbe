package io.livepredict.streams.activity;

/** Adds to an entity's vector what goes on around it, in its room or match. Used by one task's thread. */
public interface ContextFeatures {
    /**
     * Fills the features of the context, which lie behind the entity's own.
     *
     * @param contextId the room or match, empty for none
     * @param asOfMillis nothing later than this may be known
     * @param dense the vector's dense features
     * @param offset where those of the context begin
     */
    void fill(String contextId, long asOfMillis, float[] dense, int offset);
}
