package io.livepredict.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    @TempDir
    Path folder = Path.of("");

    /** What a command left behind. */
    private record Ran(int code, String out, String err) {}

    private static Ran run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream newOut = new ByteArrayOutputStream();
        ByteArrayOutputStream newErr = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(newOut, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(newErr, true, StandardCharsets.UTF_8));
            int code = Main.run(arguments);
            return new Ran(code, newOut.toString(StandardCharsets.UTF_8), newErr.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    private static List<String> errors(Ran ran) {
        return ran.err().lines().filter(line -> line.startsWith("trainer: ")).toList();
    }

    @Test
    void shouldMakeAKeyPairThatSignsAndIsTrusted() throws Exception {
        Path privateKey = folder.resolve("private.pem");
        Path publicKey = folder.resolve("public.pem");
        Ran ran = run("keys", "new", "--private", privateKey.toString(), "--public", publicKey.toString());
        assertThat(ran.code()).isZero();
        SigningKey key = SigningKey.read(privateKey);
        assertThat(ran.out()).contains(key.keyId());
        byte[] message = {1, 2, 3};
        TrustedKeys.read(List.of(publicKey)).verify(key.keyId(), message, key.sign(message));

        Ran again = run("keys", "new", "--private", privateKey.toString(), "--public", publicKey.toString());
        assertThat(again.code()).isEqualTo(1);
        assertThat(errors(again)).singleElement().asString().contains("exists already");
    }

    @Test
    void shouldSayInOneLineWhatIsWrongWithTheConfiguration() throws IOException {
        Ran missing = run("run", "--config", folder.resolve("none.yaml").toString());
        assertThat(missing.code()).isEqualTo(1);
        assertThat(errors(missing)).singleElement().asString().contains("none.yaml: there is no such file");
        assertThat(missing.err()).doesNotContain("\tat ");

        Path file = folder.resolve("trainer.yaml");
        Files.writeString(file, "kafka: {bootstrap.servers: localhost:1}\n");
        Ran bad = run("run", "--config", file.toString());
        assertThat(bad.code()).isEqualTo(1);
        assertThat(errors(bad))
                .singleElement()
                .asString()
                .contains("trainer.yaml")
                .contains("missing");

        Ran traced = run("--stacktrace", "run", "--config", file.toString());
        assertThat(traced.code()).isEqualTo(1);
        assertThat(traced.err()).contains("\tat ");
    }

    @Test
    void shouldSayWhichCommandsThereAre() {
        assertThat(run().code()).isEqualTo(2);
        Ran help = run("--help");
        assertThat(help.code()).isZero();
        assertThat(help.out())
                .contains("run")
                .contains("keys")
                .contains("models")
                .contains("examples");
        assertThat(run("models").err()).contains("say what to do: list, show, promote, rollback");
    }
}
