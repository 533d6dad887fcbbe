package io.livepredict.streams.context;

import io.livepredict.streams.state.StateReader;
import io.livepredict.streams.state.StateWriter;
import java.util.Arrays;

/**
 * How many distinct entities there were: HyperLogLog (Flajolet, Fusy, Gandouet and Meunier 2007) with {@value #REGISTERS}
 * registers of four bits, estimated after Ertl (2017, arXiv 1702.01284, algorithm 6), which needs no correction for few or
 * many. The standard error is 1.04/√{@value #REGISTERS}, 6.5 %, up to some two million. Sketches add up: the sum
 * counts each entity once, however many sketches contain it. Not safe for use from several threads.
 */
final class ActiveSketch {
    private static final int REGISTER_BITS = 8;
    static final int REGISTERS = 1 << REGISTER_BITS;
    private static final int RANK_BITS = 4;
    private static final int MAX_RANK = (1 << RANK_BITS) - 1;
    private static final int PER_WORD = Long.SIZE / RANK_BITS;
    /** Up to so many registers are written one by one, more as they lie in memory. */
    private static final int FEW = REGISTERS / 4 - 1;

    private static final int MANY = 0xFF;
    /** Of registers without bound, for as many of them: 1 / (2 ln 2). */
    private static final double ALPHA = 0.5 / Math.log(2);

    /** The registers, lowest bits first. */
    private final long[] words = new long[REGISTERS / PER_WORD];

    void clear() {
        Arrays.fill(words, 0);
    }

    /** Adds an entity by a hash whose bits are all equally random. */
    void add(long hash) {
        int register = (int) (hash >>> Long.SIZE - REGISTER_BITS);
        raise(register, Math.min(MAX_RANK, Long.numberOfLeadingZeros(hash << REGISTER_BITS) + 1));
    }

    void add(ActiveSketch other) {
        for (int word = 0; word < words.length; word++) {
            if (words[word] == 0) {
                words[word] = other.words[word];
            } else if (other.words[word] != words[word] && other.words[word] != 0) {
                for (int register = word * PER_WORD; register < (word + 1) * PER_WORD; register++) {
                    raise(register, other.rank(register));
                }
            }
        }
    }

    private int rank(int register) {
        return (int) (words[register / PER_WORD] >>> register % PER_WORD * RANK_BITS) & MAX_RANK;
    }

    private void raise(int register, int rank) {
        long more = rank - rank(register);
        if (more > 0) {
            words[register / PER_WORD] += more << register % PER_WORD * RANK_BITS;
        }
    }

    /** How many distinct entities were added. */
    double estimate() {
        int[] ofRank = new int[MAX_RANK + 1];
        for (int register = 0; register < REGISTERS; register++) {
            ofRank[rank(register)]++;
        }
        double z = REGISTERS * tau(1 - (double) ofRank[MAX_RANK] / REGISTERS);
        for (int rank = MAX_RANK - 1; rank > 0; rank--) {
            z = 0.5 * (z + ofRank[rank]);
        }
        z += REGISTERS * sigma((double) ofRank[0] / REGISTERS);
        return ALPHA * REGISTERS * REGISTERS / z;
    }

    /** x + Σ x^(2^k) 2^(k-1): the share of registers that are empty. */
    private static double sigma(double share) {
        if (share == 1) {
            return Double.POSITIVE_INFINITY;
        }
        double x = share;
        double y = 1;
        double sum = x;
        double before;
        do {
            x *= x;
            before = sum;
            sum += x * y;
            y += y;
        } while (sum != before);
        return sum;
    }

    /** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3: the share of registers that are not full. */
    private static double tau(double share) {
        if (share == 0 || share == 1) {
            return 0;
        }
        double x = share;
        double y = 1;
        double sum = 1 - x;
        double before;
        do {
            x = Math.sqrt(x);
            before = sum;
            y *= 0.5;
            sum -= (1 - x) * (1 - x) * y;
        } while (sum != before);
        return sum / 3;
    }

    void write(StateWriter out) {
        int present = 0;
        for (int register = 0; register < REGISTERS; register++) {
            present += rank(register) > 0 ? 1 : 0;
        }
        if (present > FEW) {
            out.writeByte(MANY);
            for (long word : words) {
                out.writeLong(word);
            }
            return;
        }
        out.writeByte(present);
        for (int register = 0; present > 0 && register < REGISTERS; register++) {
            if (rank(register) > 0) {
                out.writeByte(register);
                out.writeByte(rank(register));
            }
        }
    }

    void read(StateReader in) {
        clear();
        int present = in.readByte();
        if (present == MANY) {
            for (int word = 0; word < words.length; word++) {
                words[word] = in.readLong();
            }
            return;
        }
        for (; present > 0; present--) {
            int register = in.readByte();
            raise(register, in.readByte() & MAX_RANK);
        }
    }
}
