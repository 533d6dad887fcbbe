package io.livepredict.streams.ingest;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Puts pseudonyms in the place of entity ids: the first 16 bytes of HMAC-SHA-256 over the id in UTF-8, as 32 hexadecimal
 * digits. Which key counts for an event is decided by its own time, so a pseudonym is a function of the event and the
 * configuration alone: an id has another pseudonym from the moment on at which an epoch begins. Safe for use from several
 * threads.
 */
public final class Pseudonyms {
    private static final String ALGORITHM = "HmacSHA256";
    private static final int BYTES = 16;
    /** What a key makes of this shows which key it is. */
    private static final String FINGERPRINT = "livepredict: fingerprint of a key";

    private static final int FINGERPRINT_DIGITS = 8;

    /** In the order of their beginnings; the first has always been. */
    private final List<Epoch> epochs;
    /** One per epoch; belong to one thread. */
    private final ThreadLocal<Mac[]> macs;

    /**
     * A key and from when on it counts.
     *
     * @param from event time, inclusive; {@link Instant#MIN} for the first
     * @param key the key's bytes
     */
    public record Epoch(Instant from, SecretKeySpec key) {
        /** A key of these bytes. */
        public static Epoch of(Instant from, byte[] key) {
            return new Epoch(from, new SecretKeySpec(key, ALGORITHM));
        }
    }

    /**
     * A pseudonym and from when on an id has it.
     *
     * @param from event time, inclusive; {@link Instant#MIN} for the first
     */
    public record Pseudonym(Instant from, String text) {}

    /** @param epochs each later than the one before, at least one, the first from {@link Instant#MIN} on */
    public Pseudonyms(List<Epoch> epochs) {
        if (epochs.isEmpty() || !epochs.get(0).from().equals(Instant.MIN)) {
            throw new IllegalArgumentException("the first epoch has always been");
        }
        for (int i = 1; i < epochs.size(); i++) {
            if (!epochs.get(i).from().isAfter(epochs.get(i - 1).from())) {
                throw new IllegalArgumentException("epochs must begin one after the other, and the one from "
                        + epochs.get(i).from() + " does not begin after "
                        + (i == 1 ? "1970" : epochs.get(i - 1).from()));
            }
        }
        this.epochs = List.copyOf(epochs);
        macs = ThreadLocal.withInitial(
                () -> this.epochs.stream().map(Pseudonyms::mac).toArray(Mac[]::new));
    }

    private static Mac mac(Epoch epoch) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(epoch.key());
            return mac;
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256, for keys of any length", e);
        }
    }

    /** The pseudonym of an id at that time. */
    public String of(String id, long timeMillis) {
        int epoch = epochs.size() - 1;
        while (epoch > 0 && timeMillis < epochs.get(epoch).from().toEpochMilli()) {
            epoch--;
        }
        return of(id, epoch);
    }

    private String of(String id, int epoch) {
        byte[] hash = macs.get()[epoch].doFinal(id.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash, 0, BYTES);
    }

    /** Every pseudonym of an id, in the order of their epochs. */
    public List<Pseudonym> all(String id) {
        return IntStream.range(0, epochs.size())
                .mapToObj(epoch -> new Pseudonym(epochs.get(epoch).from(), of(id, epoch)))
                .toList();
    }

    /** Tells these keys from others, without them. */
    public PseudonymMark mark() {
        return new PseudonymMark(IntStream.range(0, epochs.size())
                .mapToObj(epoch -> new PseudonymMark.Epoch(
                        epochs.get(epoch).from(), of(FINGERPRINT, epoch).substring(0, FINGERPRINT_DIGITS)))
                .toList());
    }

    /** When ids get other pseudonyms, event time. */
    public List<Instant> changes() {
        return epochs.stream().skip(1).map(Epoch::from).toList();
    }
}
