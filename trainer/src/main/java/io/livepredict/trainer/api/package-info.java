/** Rolling back and promoting over HTTP, and the record of who did. */
@NullMarked
package io.livepredict.trainer.api;

import org.jspecify.annotations.NullMarked;
