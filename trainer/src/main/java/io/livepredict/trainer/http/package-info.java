/** Health, readiness and metrics over HTTP, on the JDK's own server. */
package io.livepredict.trainer.http;
