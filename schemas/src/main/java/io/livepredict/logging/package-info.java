/** Log lines, and how often they repeat. */
package io.livepredict.logging;
