/** The all-in-one: broker, schema registry, simulated platform, streams app and trainer in one command. */
@NullMarked
package io.livepredict.deploy.local;

import org.jspecify.annotations.NullMarked;
