/** The command line. Start reading at {@link io.livepredict.streams.cli.Main}. */
package io.livepredict.streams.cli;
