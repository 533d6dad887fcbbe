/** What an entity may choose next, and what it chose: candidates, features of each pair, choice examples. */
@NullMarked
package io.livepredict.streams.choice;

import org.jspecify.annotations.NullMarked;
