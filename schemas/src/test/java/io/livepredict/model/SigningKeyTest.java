package io.livepredict.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SigningKeyTest {
    private static final byte[] MESSAGE = "a message".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path directory;

    private Path privatePem() {
        return directory.resolve("keys/model.key");
    }

    private Path publicPem() {
        return directory.resolve("keys/model.pub");
    }

    @Test
    void shouldBeTheSameKeyAfterWritingAndReading() throws Exception {
        SigningKey key = SigningKey.generate();
        key.write(privatePem(), publicPem());

        SigningKey read = SigningKey.read(privatePem());

        assertThat(read.publicKey()).isEqualTo(key.publicKey());
        assertThat(read.keyId()).isEqualTo(key.keyId()).matches("[0-9a-f]{16}");
        TrustedKeys trusted = TrustedKeys.read(List.of(publicPem()));
        trusted.verify(key.keyId(), MESSAGE, read.sign(MESSAGE));
    }

    /** RFC 8032 §7.1, TEST 2, and the PKCS #8 form that OpenSSL writes of such a secret. */
    @Test
    void shouldReadAKeyThatAnotherToolMade() throws Exception {
        String secret = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        String point = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        String signed = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        HexFormat hex = HexFormat.of();
        Files.createDirectories(privatePem().getParent());
        Files.writeString(
                privatePem(), Pem.write(Pem.PRIVATE, hex.parseHex("302e020100300506032b657004220420" + secret)));

        SigningKey key = SigningKey.read(privatePem());

        assertThat(hex.formatHex(key.publicKey().getEncoded())).isEqualTo("302a300506032b6570032100" + point);
        assertThat(hex.formatHex(key.sign(new byte[] {0x72}))).isEqualTo(signed);
    }

    @Test
    void shouldKeepThePrivateFileToItsOwner() throws IOException {
        SigningKey.generate().write(privatePem(), publicPem());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(privatePem())))
                .isEqualTo("rw-------");
        assertThat(Files.readString(publicPem())).startsWith("-----BEGIN PUBLIC KEY-----\n");
    }

    @Test
    void shouldNeverOverwriteAKey() throws IOException {
        SigningKey.generate().write(privatePem(), publicPem());
        String before = Files.readString(privatePem());
        SigningKey other = SigningKey.generate();

        assertThatThrownBy(() -> other.write(privatePem(), directory.resolve("new.pub")))
                .isInstanceOf(SettingsException.class)
                .hasMessage(privatePem() + ": exists already; choose another name or remove it first");
        assertThatThrownBy(() -> other.write(directory.resolve("new.key"), publicPem()))
                .isInstanceOf(SettingsException.class)
                .hasMessage(publicPem() + ": exists already; choose another name or remove it first");

        assertThat(privatePem()).hasContent(before);
        assertThat(directory.resolve("new.key")).doesNotExist();
    }

    @Test
    void shouldSayWhatIsWrongWithAKeyFile() throws Exception {
        Path none = directory.resolve("none");
        assertThatThrownBy(() -> SigningKey.read(none))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(none + ": there is no such file");

        Path text = Files.writeString(directory.resolve("text"), "hello");
        assertThatThrownBy(() -> SigningKey.read(text))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(text + ": holds no Ed25519 private key in PEM");
        assertThatThrownBy(() -> TrustedKeys.read(List.of(text)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(text + ": holds no Ed25519 public key in PEM");

        Path damaged = Files.writeString(directory.resolve("damaged"), Pem.write(Pem.PRIVATE, new byte[] {1, 2, 3}));
        assertThatThrownBy(() -> SigningKey.read(damaged))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(damaged + ": holds a private key that is not Ed25519");

        var rsa = KeyPairGenerator.getInstance("EC").generateKeyPair();
        Path other = Files.writeString(
                directory.resolve("ec"), Pem.write(Pem.PUBLIC, rsa.getPublic().getEncoded()));
        assertThatThrownBy(() -> TrustedKeys.read(List.of(other)))
                .isInstanceOf(SettingsException.class)
                .hasMessageStartingWith(other + ": holds a public key that is not Ed25519");
    }

    @Test
    void shouldTrustSeveralKeysAndNoOther() {
        SigningKey one = SigningKey.generate();
        SigningKey two = SigningKey.generate();
        SigningKey stranger = SigningKey.generate();
        TrustedKeys trusted = TrustedKeys.of(List.of(one.publicKey(), two.publicKey()));

        assertThatCode(() -> trusted.verify(one.keyId(), MESSAGE, one.sign(MESSAGE)))
                .doesNotThrowAnyException();
        assertThatCode(() -> trusted.verify(two.keyId(), MESSAGE, two.sign(MESSAGE)))
                .doesNotThrowAnyException();
        assertThatCode(() ->
                        trusted.with(stranger.publicKey()).verify(stranger.keyId(), MESSAGE, stranger.sign(MESSAGE)))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> trusted.verify(stranger.keyId(), MESSAGE, stranger.sign(MESSAGE)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.UNKNOWN_KEY));
        assertThatThrownBy(() -> trusted.verify(one.keyId(), MESSAGE, two.sign(MESSAGE)))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.BAD_SIGNATURE));
        assertThatThrownBy(() -> trusted.verify(one.keyId(), MESSAGE, new byte[3]))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.BAD_SIGNATURE));
        assertThatThrownBy(() -> trusted.verify("", MESSAGE, new byte[0]))
                .isInstanceOfSatisfying(
                        RefusedException.class, e -> assertThat(e.reason()).isEqualTo(Refusal.UNSIGNED));
    }
}
