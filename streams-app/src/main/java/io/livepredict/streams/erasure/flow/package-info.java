/** The way of a request to forget somebody, from its topic to every task. */
@NullMarked
package io.livepredict.streams.erasure.flow;

import org.jspecify.annotations.NullMarked;
