/** A simulated platform whose every probability is known: seeded, only its producer uses Kafka. */
@NullMarked
package io.livepredict.deploy.simulator;

import org.jspecify.annotations.NullMarked;
