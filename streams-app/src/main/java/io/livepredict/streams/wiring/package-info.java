/** The one package that constructs across packages. */
package io.livepredict.streams.wiring;
