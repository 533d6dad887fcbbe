/**
 * The HTTP endpoint of a program. It does not know the answers: the caller supplies the paths and what each returns.
 */
@NullMarked
package io.livepredict.http;

import org.jspecify.annotations.NullMarked;
