/** Rows of cells in text files. */
@NullMarked
package io.livepredict.csv;

import org.jspecify.annotations.NullMarked;
