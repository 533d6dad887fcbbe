/** The streams app's configuration: one YAML file, every key documented on its record, checked before anything starts. */
@NullMarked
package io.livepredict.streams.config;

import org.jspecify.annotations.NullMarked;
