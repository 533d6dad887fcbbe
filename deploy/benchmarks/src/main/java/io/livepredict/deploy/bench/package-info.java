/** The benchmarks. */
package io.livepredict.deploy.bench;
