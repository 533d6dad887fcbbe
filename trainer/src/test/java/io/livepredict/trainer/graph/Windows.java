package io.livepredict.trainer.graph;

import java.util.Collections;
import java.util.List;

/** Windows that only tests slide. */
final class Windows {
    private Windows() {}

    /** That stride on every axis, no padding. */
    static Op.Window strided(int axes, int stride) {
        List<Integer> none = Collections.nCopies(axes, 0);
        return new Op.Window(Collections.nCopies(axes, stride), none, none, Collections.nCopies(axes, 1));
    }
}
