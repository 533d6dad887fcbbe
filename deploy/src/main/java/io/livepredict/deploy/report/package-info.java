/** What a run did, counted from the topics. */
@NullMarked
package io.livepredict.deploy.report;

import org.jspecify.annotations.NullMarked;
