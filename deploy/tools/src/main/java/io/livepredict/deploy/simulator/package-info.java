/** A simulated platform whose every probability is known: seeded, no Kafka but in its producer. */
@NullMarked
package io.livepredict.deploy.simulator;

import org.jspecify.annotations.NullMarked;
