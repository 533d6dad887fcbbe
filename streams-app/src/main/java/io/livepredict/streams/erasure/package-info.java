/** Asking an installation to forget a viewer or player, and what it answers. */
@NullMarked
package io.livepredict.streams.erasure;

import org.jspecify.annotations.NullMarked;
