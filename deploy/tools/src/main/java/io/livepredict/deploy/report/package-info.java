/**
 * What a run did, counted from the committed records of its topics and not from the programs' own counters, so that the
 * report would show a prediction that was lost or doubled.
 */
@NullMarked
package io.livepredict.deploy.report;

import org.jspecify.annotations.NullMarked;
