/** What the containers of deploy/compose run beside the streams app and the trainer. Start reading at Main. */
@NullMarked
package io.livepredict.deploy.tools;

import org.jspecify.annotations.NullMarked;
