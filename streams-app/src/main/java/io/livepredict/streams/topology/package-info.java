/** The whole flow on one screen. */
package io.livepredict.streams.topology;
