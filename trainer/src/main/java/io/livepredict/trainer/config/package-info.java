/** The configuration file of the trainer: one record a group, every key documented. */
package io.livepredict.trainer.config;
