package io.livepredict.trainer.learner;

import io.livepredict.trainer.publish.GateSettings;
import io.livepredict.trainer.publish.Origin;
import io.livepredict.trainer.publish.PublishSettings;

/**
 * How versions are made.
 *
 * @param publish when
 * @param gate what a learner must pass before it is published
 * @param origin what manifests say of the build and its configuration
 */
public record VersionSettings(PublishSettings publish, GateSettings gate, Origin origin) {
    public static VersionSettings defaults() {
        return new VersionSettings(PublishSettings.defaults(), GateSettings.defaults(), new Origin("unknown", ""));
    }
}
