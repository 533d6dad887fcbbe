package io.livepredict.deploy.replay;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * The text of a log. A byte order mark says its encoding. Bytes that do not fit the encoding become {@link #UNFIT}, which is no
 * character, so that whoever finds it can refuse the row: replaced by a sign that stands for all of them, the ids of different
 * people would become one.
 */
final class LogText extends Reader {
    /** Stands for bytes that do not fit. */
    static final char UNFIT = '\uFFFF';

    private static final int BUFFER_BYTES = 1 << 16;

    private final InputStream in;
    private final Charset charset;
    private final CharsetDecoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private boolean atEnd;
    private boolean flushed;

    private LogText(InputStream in, Charset charset) {
        this.in = in;
        this.charset = charset;
        decoder = charset.newDecoder()
                .onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    /** @param otherwise the encoding of a text without a byte order mark */
    static LogText of(InputStream plain, Charset otherwise) throws IOException {
        BufferedInputStream in = new BufferedInputStream(plain);
        in.mark(4);
        byte[] first = in.readNBytes(4);
        in.reset();
        Charset marked = marked(first);
        if (marked != null) {
            in.skipNBytes(marked == StandardCharsets.UTF_8 ? 3 : marked.name().startsWith("UTF-32") ? 4 : 2);
            return new LogText(in, marked);
        }
        boolean zeros = first.length >= 2 && (first[0] == 0) != (first[1] == 0);
        if (zeros && otherwise == StandardCharsets.UTF_8) {
            throw new IOException("every second byte is zero, as in UTF-16: say encoding: "
                    + (first[0] == 0 ? "utf-16be" : "utf-16le") + " in the mapping");
        }
        return new LogText(in, otherwise);
    }

    @org.jspecify.annotations.Nullable
    private static Charset marked(byte[] first) {
        int a = first.length > 0 ? first[0] & 0xFF : -1;
        int b = first.length > 1 ? first[1] & 0xFF : -1;
        int c = first.length > 2 ? first[2] & 0xFF : -1;
        int d = first.length > 3 ? first[3] & 0xFF : -1;
        if (a == 0xEF && b == 0xBB && c == 0xBF) {
            return StandardCharsets.UTF_8;
        }
        if (a == 0xFF && b == 0xFE) {
            return c == 0 && d == 0 ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_16LE;
        }
        if (a == 0xFE && b == 0xFF) {
            return StandardCharsets.UTF_16BE;
        }
        return a == 0 && b == 0 && c == 0xFE && d == 0xFF ? Charset.forName("UTF-32BE") : null;
    }

    /** The encoding it is read in. */
    Charset charset() {
        return charset;
    }

    @Override
    public int read(char[] chars, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        CharBuffer out = CharBuffer.wrap(chars, offset, length);
        int begin = out.position();
        while (out.position() == begin && !flushed) {
            CoderResult result = decoder.decode(bytes, out, atEnd);
            if (result.isError()) {
                bytes.position(bytes.position() + result.length());
                if (out.hasRemaining()) {
                    out.put(UNFIT);
                }
            } else if (result.isUnderflow() && atEnd) {
                decoder.flush(out);
                flushed = true;
            } else if (result.isUnderflow()) {
                fill();
            } else if (out.position() == begin) { // room for one half of a pair only
                return 0;
            }
        }
        int read = out.position() - begin;
        return read == 0 ? -1 : read;
    }

    private void fill() throws IOException {
        bytes.compact();
        int read = in.read(bytes.array(), bytes.position(), bytes.remaining());
        if (read < 0) {
            atEnd = true;
        } else {
            bytes.position(bytes.position() + read);
        }
        bytes.flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
