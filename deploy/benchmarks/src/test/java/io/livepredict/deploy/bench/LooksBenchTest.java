package io.livepredict.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LooksBenchTest {
    /** The tests of this module run without the profile that builds other projects' learners in. */
    @Test
    void shouldRefuseToLeaveBoostingOutUnsaid() {
        StringWriter said = new StringWriter();
        int code = new CommandLine(new LooksBench())
                .setErr(new PrintWriter(said, true))
                .execute("--data", "nowhere", "--peers");
        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains("--peers needs the profile bench-peers; deploy/bench builds it in");
    }
}
