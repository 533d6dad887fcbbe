/** The whole flow on one screen, and the names of its nodes. */
package io.livepredict.streams.topology;
