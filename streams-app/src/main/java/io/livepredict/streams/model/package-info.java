/** Models: received from their topic, verified, and made the active one while scoring goes on. */
package io.livepredict.streams.model;
