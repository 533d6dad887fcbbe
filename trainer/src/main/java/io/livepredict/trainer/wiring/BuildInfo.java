package io.livepredict.trainer.wiring;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which commit this build was made from, as the build wrote it down. */
final class BuildInfo {
    private BuildInfo() {}

    /** The commit, or {@code unknown} where the build did not say. */
    static String gitCommit() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/livepredict-build.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            return "unknown";
        }
        String commit = properties.getProperty("git.commit", "");
        return commit.isBlank() || commit.startsWith("$") ? "unknown" : commit;
    }
}
