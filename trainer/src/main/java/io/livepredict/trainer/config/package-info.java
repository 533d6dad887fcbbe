/** The configuration file of the trainer: one record a group, every key documented. */
@NullMarked
package io.livepredict.trainer.config;

import org.jspecify.annotations.NullMarked;
