/** Topics on a real cluster: created as the contract has them, compared with it, and read from end to end. */
package io.livepredict.topics;
