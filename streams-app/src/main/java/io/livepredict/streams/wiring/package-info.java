/** The one package that constructs across packages. */
@NullMarked
package io.livepredict.streams.wiring;

import org.jspecify.annotations.NullMarked;
