/** Takes in a model that a user brings: puts it between the contract's inputs and outputs, and tries it in a child process. */
@org.jspecify.annotations.NullMarked
package io.livepredict.trainer.imports;
