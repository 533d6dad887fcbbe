package io.livepredict.deploy.simulator;

import io.livepredict.avro.Alert;
import io.livepredict.contract.Hashes;
import io.livepredict.contract.Kind;

/**
 * Acts on alerts as a platform would, with known success: a share of those alerted stays, of those held out nobody. Which
 * they are follows from the alert, so that a run can be repeated.
 *
 * @param share 0 to 1
 */
public record Intervention(SimulatedPlatform platform, double share) {
    /** Takes in a record of the alerts. */
    public void take(Alert alert) {
        long raisedAt = alert.getRaisedAt().toEpochMilli();
        if (alert.getState().equals("raised")
                && !alert.getWithheld()
                && Hashes.share("kept " + raisedAt, alert.getEntityId()) < share) {
            platform.keep(
                    Kind.of(alert.getKind()),
                    alert.getEntityId(),
                    raisedAt + SimulatedPlatform.LONGEST_HORIZON.toMillis());
        }
    }
}
