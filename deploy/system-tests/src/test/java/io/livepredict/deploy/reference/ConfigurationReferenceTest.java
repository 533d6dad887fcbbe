package io.livepredict.deploy.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationReferenceTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "configuration.md");

    /** With {@code -Dreference.write} it writes the page, so that what is to be committed is what is compared. */
    @Test
    void shouldDescribeEveryKeyAsItIs() throws IOException {
        String expected = ConfigurationReference.markdown();
        if (System.getProperty("reference.write") != null) {
            Files.createDirectories(PAGE.getParent());
            Files.writeString(PAGE, expected);
        }
        assertThat(PAGE)
                .as("docs/configuration.md has drifted from the configuration records; write it anew with: mvn -q"
                        + " -pl deploy/system-tests -am test -Dtest=ConfigurationReferenceTest"
                        + " -Dsurefire.failIfNoSpecifiedTests=false -Dreference.write and commit it")
                .content()
                .isEqualTo(expected);
    }
}
