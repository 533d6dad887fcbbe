package io.livepredict.streams.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EntityKeyTest {
    @ParameterizedTest
    @CsvSource({"'', 01", "v-1, 01762d31", "Zoë, 015a6fc3ab"})
    void shouldBeOneAndTheIdInUtf8(String id, String key) {
        assertThat(HexFormat.of().formatHex(EntityKey.of(id).get())).isEqualTo(key);
    }
}
