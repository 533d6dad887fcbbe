package io.livepredict.deploy.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How high what was chosen stood among the candidates. Not safe for use from several threads. */
final class RankScores {
    private long choices;
    private long first;
    private long five;
    private long ten;
    private double reciprocal;
    private double gain;

    /**
     * Counts a choice.
     *
     * @param scores of so many candidates
     * @param chosen which was chosen; -1 for none of them, which is an infinite rank
     */
    void add(double[] scores, int size, int chosen) {
        choices++;
        if (chosen < 0) {
            return;
        }
        int higher = 0;
        int equal = -1;
        for (int i = 0; i < size; i++) {
            higher += scores[i] > scores[chosen] ? 1 : 0;
            equal += scores[i] == scores[chosen] ? 1 : 0;
        }
        int rank = higher + equal / 2; // amid those that are equal
        first += rank < 1 ? 1 : 0;
        five += rank < 5 ? 1 : 0;
        ten += rank < 10 ? 1 : 0;
        reciprocal += 1.0 / (rank + 1);
        gain += rank < 10 ? Math.log(2) / Math.log(rank + 2) : 0;
    }

    /** Hit rates at 1, 5 and 10, mean reciprocal rank and the discounted cumulative gain of ten. */
    void write(ObjectNode into) {
        double n = Math.max(1, choices);
        into.put("n", choices)
                .put("hr_1", first / n)
                .put("hr_5", five / n)
                .put("hr_10", ten / n)
                .put("mrr", reciprocal / n)
                .put("ndcg_10", gain / n);
    }
}
