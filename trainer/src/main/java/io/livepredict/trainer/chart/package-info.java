/** Pictures of results. */
@NullMarked
package io.livepredict.trainer.chart;

import org.jspecify.annotations.NullMarked;
