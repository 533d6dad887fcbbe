/**
 * What goes on in a room or match: tallied per task and ten-second bucket, merged per context, and read as a global
 * table. Knows nothing of single entities' features.
 */
@NullMarked
package io.livepredict.streams.context;

import org.jspecify.annotations.NullMarked;
