/** What is expected of each room or match: sums over all tasks of who is present and what was scored of them. */
@NullMarked
package io.livepredict.streams.outlook;

import org.jspecify.annotations.NullMarked;
