/** The command line of the console. */
@NullMarked
package io.livepredict.deploy.console.cli;

import org.jspecify.annotations.NullMarked;
