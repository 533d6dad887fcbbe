/**
 * The HTTP endpoint of a program. Knows none of the answers: whoever opens it gives paths and what is found there.
 */
@NullMarked
package io.livepredict.http;

import org.jspecify.annotations.NullMarked;
