/** The command line: start reading at {@link io.livepredict.trainer.cli.Main}. */
package io.livepredict.trainer.cli;
