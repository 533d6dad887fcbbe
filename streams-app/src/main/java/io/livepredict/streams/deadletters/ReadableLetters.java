package io.livepredict.streams.deadletters;

import io.livepredict.serde.AvroDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Dead letters in words: where they came from, why they are there, and the beginning of what they hold. */
final class ReadableLetters {
    private static final int MAX_TEXT = 300;
    private static final int MAX_BYTES = 64;

    private final String topic;
    private final AvroDecoder decoder;

    ReadableLetters(String topic, AvroDecoder decoder) {
        this.topic = topic;
        this.decoder = decoder;
    }

    /** The newest ones, oldest first. */
    List<String> newest(DeadLettersTopic letters, DeadLetterFilter filter, int most) {
        PriorityQueue<DeadLetter> newest = new PriorityQueue<>(Comparator.comparingLong(DeadLetter::refusedAtMillis));
        letters.each(filter, letter -> {
            newest.add(letter);
            if (newest.size() > most) {
                newest.remove();
            }
        });
        List<String> shown = new ArrayList<>();
        while (!newest.isEmpty()) {
            shown.add(words(newest.remove()));
        }
        return shown;
    }

    private String words(DeadLetter letter) {
        StringBuilder words = new StringBuilder()
                .append(letter.place(topic))
                .append("  ")
                .append(Instant.ofEpochMilli(letter.refusedAtMillis()))
                .append("  ")
                .append(letter.reason())
                .append("\n  ")
                .append(letter.message())
                .append("\n  from ")
                .append(letter.source().topic())
                .append(" partition ")
                .append(letter.source().partition())
                .append(" offset ")
                .append(letter.source().offset())
                .append(" of ")
                .append(Instant.ofEpochMilli(letter.source().timestampMillis()));
        if (letter.source().replayed() != null) {
            words.append("\n  it came back: it was replayed from ")
                    .append(letter.source().replayed());
        }
        words.append("\n  key    ").append(readable(letter.source().key()));
        words.append("\n  value  ").append(readable(letter.source().value()));
        return words.append(letter.isWhole() ? "\n" : "\n  not all of its bytes were kept\n")
                .toString();
    }

    private String readable(byte @Nullable [] bytes) {
        if (bytes == null) {
            return "none";
        }
        if (bytes.length > 4 && bytes[0] == 0) {
            try {
                return bytes.length + " bytes of Avro: " + cut(String.valueOf(decoder.decodeAny(bytes)));
            } catch (RuntimeException e) {
                return hexadecimal(bytes); // not Avro, or of a schema that is not known: shown as it is
            }
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return bytes.length + " bytes: " + cut(text);
        } catch (CharacterCodingException e) {
            return hexadecimal(bytes);
        }
    }

    private static String hexadecimal(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MAX_BYTES));
        return bytes.length + " bytes, in hexadecimal digits: " + hex + (bytes.length > MAX_BYTES ? "…" : "");
    }

    /** One line of printable characters. */
    private static String cut(String text) {
        String line = text.replaceAll("\\p{Cntrl}+", " ");
        return line.length() <= MAX_TEXT ? line : line.substring(0, MAX_TEXT) + '…';
    }
}
