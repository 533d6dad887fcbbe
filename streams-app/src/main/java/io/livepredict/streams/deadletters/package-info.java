/** Dead letters on a real cluster: counted, shown, and sent back to where they came from, for today's mapping to take. */
@NullMarked
package io.livepredict.streams.deadletters;

import org.jspecify.annotations.NullMarked;
