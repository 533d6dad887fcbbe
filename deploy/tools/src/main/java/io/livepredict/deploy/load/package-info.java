/** Loads a platform's history into a source topic of a real cluster, before it goes live. Start reading at HistoryLoad. */
@NullMarked
package io.livepredict.deploy.load;

import org.jspecify.annotations.NullMarked;
