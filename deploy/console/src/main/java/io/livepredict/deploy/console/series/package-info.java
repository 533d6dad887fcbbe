/** Bounded figures in memory: values over time, and how good recent scores were. */
@NullMarked
package io.livepredict.deploy.console.series;

import org.jspecify.annotations.NullMarked;
