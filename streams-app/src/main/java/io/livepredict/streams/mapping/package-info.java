/** How a user's own records, rows of a log or records of a topic, become canonical events. */
@NullMarked
package io.livepredict.streams.mapping;

import org.jspecify.annotations.NullMarked;
