/** Who may do what on a broker with access control: the ACLs and SCRAM users of each part. */
@NullMarked
package io.livepredict.deploy.access;

import org.jspecify.annotations.NullMarked;
