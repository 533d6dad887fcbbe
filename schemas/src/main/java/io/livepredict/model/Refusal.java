package io.livepredict.model;

/** Why a model, a manifest or a pointer is not used. The model before it goes on serving. */
public enum Refusal {
    /** There is no signature. */
    UNSIGNED,
    /** The signer's key is not among the trusted ones. */
    UNKNOWN_KEY,
    /** The signature is not that key's over these bytes. */
    BAD_SIGNATURE,
    /** The manifest or some of the bytes are not there. */
    MISSING_CHUNK,
    /** The bytes are not those the manifest or the pointer names. */
    HASH_MISMATCH,
    /** Not in the form that was expected. */
    UNREADABLE,
    /** The manifest or pointer has a layout that this build does not read: an older or a newer one. */
    UNKNOWN_FORMAT,
    /** Signed by a trusted key, but for another namespace, model or version, or as another sort of record. */
    MISPLACED,
    /** A pointer that was issued before the one that counts. */
    OUTDATED,
    /** The model needs an input that the scorer does not have by that name and definition. */
    MISSING_INPUT,
    /** An input or output has another shape or type than the contract says. */
    WRONG_SHAPE,
    /** The model refers to weights outside its own file. */
    EXTERNAL_DATA,
    /** The model uses an operator that is not of the standard domain. */
    NON_STANDARD_OPERATOR,
    /** ONNX Runtime does not load it. */
    SESSION_FAILED,
    /** It does not score its golden rows as its manifest says. */
    GOLDEN_ROWS_DIFFER
}
