package io.livepredict.model;

import io.livepredict.contract.ModelManifest;

/**
 * A model whose signature and hash are right. Whether this scorer can run it is another matter.
 *
 * @param manifest what it says of itself
 * @param onnx the ONNX file
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record ModelArtifact(ModelManifest manifest, byte[] onnx) {}
