/** Recorded logs through the live pipeline. */
@NullMarked
package io.livepredict.deploy.replay;

import org.jspecify.annotations.NullMarked;
