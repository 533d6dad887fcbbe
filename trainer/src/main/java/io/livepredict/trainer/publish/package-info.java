/** What a learner must pass to be published, which versions are kept, and how they reach the models topic. */
@NullMarked
package io.livepredict.trainer.publish;

import org.jspecify.annotations.NullMarked;
