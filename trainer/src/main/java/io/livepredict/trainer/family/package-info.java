/** Model families: what is computed from an example, with which parameters. */
package io.livepredict.trainer.family;
