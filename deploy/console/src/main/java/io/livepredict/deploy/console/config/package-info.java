/** What the console runs with. */
@NullMarked
package io.livepredict.deploy.console.config;

import org.jspecify.annotations.NullMarked;
