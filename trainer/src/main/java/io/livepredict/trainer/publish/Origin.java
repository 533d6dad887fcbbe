package io.livepredict.trainer.publish;

/**
 * What made a version, for its manifest.
 *
 * @param gitCommit of this build
 * @param configurationHash of the trainer's configuration
 */
public record Origin(String gitCommit, String configurationHash) {}
