/** Recorded logs, CSV or JSON Lines, as canonical events through the live pipeline. */
@NullMarked
package io.livepredict.deploy.replay;

import org.jspecify.annotations.NullMarked;
