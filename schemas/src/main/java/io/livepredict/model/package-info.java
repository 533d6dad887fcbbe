/**
 * A model on its way: packed into chunks and a signed manifest, collected, verified. Knows no topic and builds no
 * session; what comes out is bytes that are what their signer said.
 */
@NullMarked
package io.livepredict.model;

import org.jspecify.annotations.NullMarked;
