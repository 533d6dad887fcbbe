/** Topics on a real cluster: created as the contract has them, compared with it, and read from end to end. */
@NullMarked
package io.livepredict.topics;

import org.jspecify.annotations.NullMarked;
