package io.livepredict.trainer.cli;

import io.livepredict.model.SigningKey;
import java.nio.file.Path;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "keys", description = "Signing keys.", mixinStandardHelpOptions = true)
final class KeysCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Command(
            name = "new",
            description = "Makes an Ed25519 key pair: the private one signs models, scorers trust the public one.",
            mixinStandardHelpOptions = true)
    void create(
            @Option(
                            names = "--private",
                            required = true,
                            paramLabel = "FILE",
                            description = "The private key to write.")
                    Path privateKey,
            @Option(names = "--public", required = true, paramLabel = "FILE", description = "The public key to write.")
                    Path publicKey) {
        SigningKey key = SigningKey.generate();
        key.write(privateKey, publicKey);
        spec.commandLine()
                .getOut()
                .println("key " + key.keyId() + ": private " + privateKey + " (keep it), public " + publicKey
                        + " (list it under trusted-keys of every scorer)");
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "say what to do: new");
    }
}
