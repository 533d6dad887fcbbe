package io.livepredict.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.HttpSettings.Address;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApiSettingsTest {
    private static final ApiSettings OPEN = ApiSettings.defaults();
    private static final ApiSettings WITH_TOKENS = new ApiSettings(Path.of("tokens"), null, null, null);

    private static Address address(String host, @Nullable Path trustStore) {
        return new Address(host, 8080, new TlsSettings(Path.of("own.p12"), "changeit", trustStore, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "0", "::ffff:192.0.2.1"})
    void shouldNotBeOpenToTheNetwork(String host) {
        assertThatThrownBy(() -> ApiSettings.resolve(OPEN, new Address(host, 8080)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith("api: everybody who reaches " + host + " could use the API: ");
        // https alone says nothing of who asks
        assertThatThrownBy(() -> ApiSettings.resolve(OPEN, address(host, null))).isInstanceOf(SettingsException.class);

        assertThat(ApiSettings.resolve(WITH_TOKENS, new Address(host, 8080))).contains(WITH_TOKENS);
        assertThat(ApiSettings.resolve(OPEN, address(host, Path.of("authorities.pem"))))
                .contains(OPEN);
        assertThat(ApiSettings.resolve(null, new Address(host, 8080))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "::1"})
    void shouldNeedNoTokenWhereOnlyThisMachineReachesIt(String host) {
        assertThat(ApiSettings.resolve(OPEN, new Address(host, 8080))).contains(OPEN);
    }

    @Test
    void shouldSayNoPassword() {
        assertThat(address("127.0.0.1", null).toString()).doesNotContain("changeit");
    }
}
