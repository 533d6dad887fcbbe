/** Log lines, and how often they repeat. */
@NullMarked
package io.livepredict.logging;

import org.jspecify.annotations.NullMarked;
