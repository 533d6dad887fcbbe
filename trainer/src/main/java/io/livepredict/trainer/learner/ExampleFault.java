package io.livepredict.trainer.learner;

/** Why a labelled example was skipped. */
public enum ExampleFault {
    /** The bytes are no LabelledExample. */
    UNDECODABLE,
    /** Its feature schema is not in the feature-schemas topic. */
    UNKNOWN_SCHEMA,
    /** Its feature schema is of another kind. */
    WRONG_KIND,
    /** Its vectors are not as long as its schema says. */
    WRONG_LENGTH,
    /** A feature, label or score is NaN or infinite. */
    NOT_FINITE,
    /** A code or id is outside its schema's range, or a label is neither 0 nor 1. */
    OUT_OF_RANGE,
    /** It has no label of a target that is learned here, by name and definition. */
    NO_USABLE_LABEL
}
