/** The configuration file of the trainer: one record per group, every key documented. */
@NullMarked
package io.livepredict.trainer.config;

import org.jspecify.annotations.NullMarked;
