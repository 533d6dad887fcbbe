/** Health, readiness, metrics and the active models over HTTP. */
package io.livepredict.streams.http;
