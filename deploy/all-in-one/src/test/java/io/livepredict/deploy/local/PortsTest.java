package io.livepredict.deploy.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PortsTest {
    /** Where Linux begins to take the ports of outgoing connections from. */
    private static final int FIRST_OF_CONNECTIONS = 32_768;

    @Test
    void shouldGiveEachFreePortOnceAndNoneThatAConnectionMayTake() {
        Set<Integer> given = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            int port = Ports.free();
            assertThat(given.add(port)).as("port %d is given once", port).isTrue();
            assertThat(port).isBetween(1_024, FIRST_OF_CONNECTIONS - 1);
        }
    }
}
