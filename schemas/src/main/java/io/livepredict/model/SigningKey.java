package io.livepredict.model;

import io.livepredict.contract.Hashes;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Set;

/** An Ed25519 key pair (RFC 8032) that signs manifests and pointers. Safe for use from several threads. */
public final class SigningKey {
    static final String ALGORITHM = "Ed25519";

    private final PrivateKey privateKey;
    private final PublicKey publicKey;
    private final String keyId;

    private SigningKey(PrivateKey privateKey, PublicKey publicKey) {
        this.privateKey = privateKey;
        this.publicKey = publicKey;
        this.keyId = keyId(publicKey);
    }

    /** A new pair from the system's secure random source. */
    public static SigningKey generate() {
        try {
            KeyPair pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            return new SigningKey(pair.getPrivate(), pair.getPublic());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }

    /**
     * Reads a private key in PEM (PKCS #8), as {@link #write} or {@code openssl genpkey -algorithm ed25519} makes it.
     *
     * @throws SettingsException if the file holds none
     */
    public static SigningKey read(Path privatePem) {
        byte[] der = Pem.read(privatePem, Pem.PRIVATE);
        try {
            PrivateKey key = KeyFactory.getInstance(ALGORITHM).generatePrivate(new PKCS8EncodedKeySpec(der));
            return new SigningKey(key, publicKeyOf(key));
        } catch (GeneralSecurityException e) {
            throw new SettingsException(privatePem + ": holds a private key that is not Ed25519: " + e.getMessage(), e);
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    /**
     * Writes both halves in PEM; the private one can be read and written by its owner only. Existing files are kept.
     *
     * @throws SettingsException if a file exists already or can't be written
     */
    public void write(Path privatePem, Path publicPem) {
        if (Files.exists(publicPem)) {
            throw new SettingsException(publicPem + ": exists already; choose another name or remove it first");
        }
        create(privatePem, Pem.write(Pem.PRIVATE, privateKey.getEncoded()), true);
        create(publicPem, Pem.write(Pem.PUBLIC, publicKey.getEncoded()), false);
    }

    public PublicKey publicKey() {
        return publicKey;
    }

    /** The first 16 hex digits of the SHA-256 of the public key's X.509 encoding. */
    public String keyId() {
        return keyId;
    }

    /** The signature over exactly these bytes, 64 bytes. */
    public byte[] sign(byte[] message) {
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("an " + ALGORITHM + " key that can't sign", e);
        }
    }

    static String keyId(PublicKey key) {
        return Hashes.sha256(key.getEncoded()).substring(0, 16);
    }

    /**
     * The public half of a private key. PKCS #8 does not hold it and the JDK has no call for it, but its generator draws
     * the 32 secret bytes from the random source it is given, so giving it those very bytes gives that very pair.
     */
    private static PublicKey publicKeyOf(PrivateKey privateKey) throws GeneralSecurityException {
        byte[] secret = ((EdECPrivateKey) privateKey)
                .getBytes()
                .orElseThrow(() -> new GeneralSecurityException("the key does not show its bytes"));
        KeyPairGenerator generator = KeyPairGenerator.getInstance(ALGORITHM);
        generator.initialize(NamedParameterSpec.ED25519, new Fixed(secret));
        KeyPair pair = generator.generateKeyPair();
        if (!Arrays.equals(pair.getPrivate().getEncoded(), privateKey.getEncoded())) {
            throw new GeneralSecurityException("this JDK's generator does not allow the public key to be recovered");
        }
        return pair.getPublic();
    }

    private static void create(Path file, String text, boolean secret) {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = secret && posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        try {
            Path parent = file.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            try (var channel = Files.newByteChannel(
                    file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), attributes)) {
                var bytes = java.nio.ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
            }
        } catch (FileAlreadyExistsException e) {
            throw new SettingsException(file + ": exists already; choose another name or remove it first", e);
        } catch (IOException e) {
            throw new SettingsException(file + ": can't be written: " + e.getMessage(), e);
        }
    }

    /** Hands out given bytes as if they were random. */
    private static final class Fixed extends SecureRandom {
        private final byte[] secret;

        Fixed(byte[] secret) {
            this.secret = secret.clone();
        }

        @Override
        public void nextBytes(byte[] bytes) {
            System.arraycopy(secret, 0, bytes, 0, Math.min(secret.length, bytes.length));
        }
    }
}
