/** The console's HTTP: its pages, their data, a stream of what changes, and operations. */
@NullMarked
package io.livepredict.deploy.console.web;

import org.jspecify.annotations.NullMarked;
