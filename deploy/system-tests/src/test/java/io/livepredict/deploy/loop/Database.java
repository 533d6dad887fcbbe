package io.livepredict.deploy.loop;

import io.livepredict.deploy.local.Ports;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A real PostgreSQL that can be stopped, and started again with what it held and at the same port. */
final class Database implements AutoCloseable {
    private final Path directory;
    private final int port = Ports.free();
    private @Nullable EmbeddedPostgres running;

    private Database(Path directory) {
        this.directory = directory;
    }

    /**
     * @param directory a folder of its own for its files
     */
    static Database start(Path directory) throws IOException {
        Database database = new Database(directory);
        database.start();
        return database;
    }

    void start() throws IOException {
        running = EmbeddedPostgres.builder()
                .setDataDirectory(directory)
                .setCleanDataDirectory(false)
                .setPort(port)
                .start();
    }

    void stop() throws IOException {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    String jdbcUrl() {
        return running().getJdbcUrl("postgres", "postgres");
    }

    /** The sinks make the tables with their first row; until then there is none. */
    boolean isMade(String table) throws SQLException {
        return number("select count(*) from information_schema.tables where table_name = '" + table + "'") > 0;
    }

    long number(String sql) throws SQLException {
        try (Connection connection = running().getPostgresDatabase().getConnection();
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private EmbeddedPostgres running() {
        if (running == null) {
            throw new IllegalStateException("the database is stopped");
        }
        return running;
    }

    @Override
    public void close() throws IOException {
        stop();
    }
}
