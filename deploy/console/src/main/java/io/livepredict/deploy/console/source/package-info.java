/** Where the console looks: topics, the programs' metrics, how far their consumers are behind. */
@NullMarked
package io.livepredict.deploy.console.source;

import org.jspecify.annotations.NullMarked;
