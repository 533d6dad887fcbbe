/** Learning which of several candidates is chosen, from choice examples. */
@NullMarked
package io.livepredict.trainer.ranking;

import org.jspecify.annotations.NullMarked;
