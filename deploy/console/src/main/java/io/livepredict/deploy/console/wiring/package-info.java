/** Joins the parts of the console; its life cycle. */
@NullMarked
package io.livepredict.deploy.console.wiring;

import org.jspecify.annotations.NullMarked;
