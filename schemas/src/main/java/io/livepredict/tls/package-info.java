/** Certificates and keys in files, as the JDK takes them. */
@NullMarked
package io.livepredict.tls;

import org.jspecify.annotations.NullMarked;
