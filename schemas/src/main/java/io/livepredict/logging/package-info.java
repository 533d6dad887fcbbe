/** What is said in the log, and how often. */
package io.livepredict.logging;
