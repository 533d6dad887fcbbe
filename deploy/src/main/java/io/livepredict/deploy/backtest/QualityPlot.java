package io.livepredict.deploy.backtest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** placeholder */
public final class QualityPlot {
    private QualityPlot() {}

    public static void write(Path file, String title, Map<String, TargetTrack> tracks) throws IOException {
        Files.writeString(file, title + tracks.size());
    }
}
