package io.livepredict.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that stored state and trained models depend on; they were computed by another implementation. */
class HashesTest {
    @ParameterizedTest
    @CsvSource({
        "'',        efd01f60ba992926, 8570e250fe4c2473, 29,  11",
        "a,         82a2a958a9bece5b, 82b19d9859a61322,  1, 435",
        "viewer-42, 889e3b1e77ea2dac, 0799d27ed273ddde,  8, 142",
        "Zoë😀,     a58aad44e1f8def6, e9b4d90033c8b4d7, 12, 797"
    })
    void shouldNeverChangeAValue(String text, String id64, String learnerEntity, int bucket, int token) {
        assertThat(Hashes.id64(text)).isEqualTo(Long.parseUnsignedLong(id64, 16));
        assertThat(Hashes.learnerEntity(text)).isEqualTo(Long.parseUnsignedLong(learnerEntity, 16));
        assertThat(Hashes.bucket(text, 64)).isEqualTo(bucket);
        assertThat(Hashes.token(text, 0, text.length(), 1024)).isEqualTo(token);
        assertThat(Hashes.bucketOfId64(Hashes.id64("room-1"), 1024)).isEqualTo(243);
        String around = "x" + text + "y";
        assertThat(Hashes.token(around, 1, 1 + text.length(), 1024)).isEqualTo(token);
    }

    @ParameterizedTest
    @CsvSource({
        "'',  e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "abc, ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    })
    void shouldBeSha256OfTheStandardsExamples(String text, String sha256) {
        assertThat(Hashes.sha256(text.getBytes(StandardCharsets.UTF_8))).isEqualTo(sha256);
        assertThat(Hashes.definition(text)).isEqualTo(sha256.substring(0, 16));
    }

    @Property
    void shouldLeaveZeroFree(
            @ForAll String text, @ForAll long id64, @ForAll @IntRange(min = 2, max = 5_000) int buckets) {
        assertThat(Hashes.bucket(text, buckets)).isBetween(1, buckets - 1);
        assertThat(Hashes.bucketOfId64(id64, buckets)).isBetween(1, buckets - 1);
        assertThat(Hashes.token(text, 0, text.length(), buckets)).isBetween(0, buckets - 1);
    }

    @Property
    void shouldTellPartsApart(@ForAll String one, @ForAll String other) {
        assertThat(Hashes.parts(one, other)).isEqualTo(Hashes.parts(one, other));
        assertThat(Hashes.parts(one, other) == Hashes.parts(one + other, "")).isEqualTo(other.isEmpty());
    }
}
