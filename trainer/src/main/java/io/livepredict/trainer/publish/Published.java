package io.livepredict.trainer.publish;

import io.livepredict.contract.ModelManifest;

/** A version to be published: what it is, and the ONNX file. */
@SuppressWarnings("ArrayRecordComponent") // moved, never compared
public record Published(ModelManifest manifest, byte[] onnx) {}
