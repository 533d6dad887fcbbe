/** The benchmarks. */
@NullMarked
package io.livepredict.deploy.bench;

import org.jspecify.annotations.NullMarked;
