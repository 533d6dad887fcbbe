/** Model families: what is computed from an example, with which parameters. */
@NullMarked
package io.livepredict.trainer.family;

import org.jspecify.annotations.NullMarked;
