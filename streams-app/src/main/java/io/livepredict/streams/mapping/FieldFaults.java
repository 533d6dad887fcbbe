package io.livepredict.streams.mapping;

/** Hears of optional values that were left out of an event because they can't be used. Called on the mapping's thread. */
@FunctionalInterface
public interface FieldFaults {
    /**
     * A value was left out.
     *
     * @param column as the mapping writes it
     * @param why for a person, one line
     */
    void leftOut(String column, String why);
}
