/** The command line: start reading at {@link io.livepredict.trainer.cli.Main}. */
@NullMarked
package io.livepredict.trainer.cli;

import org.jspecify.annotations.NullMarked;
