/** Learners of other projects behind the benchmarks' interface; built by the profile {@code bench-peers} only. */
package io.livepredict.deploy.bench.peers;
