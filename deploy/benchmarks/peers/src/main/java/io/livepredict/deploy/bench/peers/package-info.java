/** Learners of other projects behind the benchmarks' interface; built by the profile {@code bench-peers} only. */
@NullMarked
package io.livepredict.deploy.bench.peers;

import org.jspecify.annotations.NullMarked;
