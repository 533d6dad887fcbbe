/**
 * Configuration: YAML files bound to records, with errors that name file, line, key, value and what to do, and the
 * settings that both programs share. Imports the JDK, Jackson, SnakeYAML and {@code contract} only.
 */
@NullMarked
package io.livepredict.settings;

import org.jspecify.annotations.NullMarked;
