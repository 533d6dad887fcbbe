package io.livepredict.deploy.backtest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.livepredict.avro.ModelChunk;
import io.livepredict.avro.ModelRecord;
import io.livepredict.avro.SignedManifest;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelJson;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.Refusal;
import io.livepredict.model.RefusedException;
import io.livepredict.model.SigningKey;
import io.livepredict.trainer.publish.Published;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Ways in which a version must not be served, made out of a good one. */
enum BadModel {
    STRANGERS(Refusal.UNKNOWN_KEY) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            return pointedTo(packed(good, version, stranger(signer), manifest -> {}), version, signer, issuedAt);
        }
    },
    POINTED_TO_BY_A_STRANGER(Refusal.UNKNOWN_KEY) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            ModelSigner stranger = stranger(signer);
            return pointedTo(packed(good, version, stranger, manifest -> {}), version, stranger, issuedAt);
        }
    },
    UNSIGNED(Refusal.UNSIGNED) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            List<ModelPacker.Entry> packed = packed(good, version, signer, manifest -> {});
            packed.set(packed.size() - 1, signedBy(packed.getLast(), "", new byte[0]));
            return pointedTo(packed, version, signer, issuedAt);
        }
    },
    WITH_ANOTHERS_SIGNATURE(Refusal.BAD_SIGNATURE) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            List<ModelPacker.Entry> packed = packed(good, version, signer, manifest -> {});
            byte[] signature = signer.key().sign("something else".getBytes(StandardCharsets.UTF_8));
            packed.set(
                    packed.size() - 1, signedBy(packed.getLast(), signer.key().keyId(), signature));
            return pointedTo(packed, version, signer, issuedAt);
        }
    },
    CORRUPT(Refusal.HASH_MISMATCH) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            List<ModelPacker.Entry> packed = packed(good, version, signer, manifest -> {});
            byte[] bytes = good.onnx().clone();
            bytes[bytes.length / 2] ^= 1;
            packed.set(
                    0,
                    new ModelPacker.Entry(
                            packed.getFirst().key(), new ModelRecord(new ModelChunk(0, 1, ByteBuffer.wrap(bytes)))));
            return pointedTo(packed, version, signer, issuedAt);
        }
    },
    INCOMPLETE(Refusal.MISSING_CHUNK) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            List<ModelPacker.Entry> packed = packed(good, version, signer, manifest -> {});
            packed.removeFirst();
            return pointedTo(packed, version, signer, issuedAt);
        }
    },
    WANTING_ANOTHER_INPUT(Refusal.MISSING_INPUT) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            return pointedTo(
                    packed(good, version, signer, manifest -> {
                        first(manifest, "dense").put("definition", "0123456789abcdef");
                        manifest.remove("usual"); // what it usually is, where it could be held
                    }),
                    version,
                    signer,
                    issuedAt);
        }
    },
    SCORING_OTHERWISE(Refusal.GOLDEN_ROWS_DIFFER) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            return pointedTo(
                    packed(good, version, signer, manifest -> {
                        ArrayNode scores = (ArrayNode) first(manifest, "golden").get("scores");
                        scores.set(0, scores.get(0).floatValue() + 0.01f);
                    }),
                    version,
                    signer,
                    issuedAt);
        }
    },
    NO_MODEL(Refusal.UNREADABLE) {
        @Override
        List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt) {
            byte[] nonsense = "no model".getBytes(StandardCharsets.UTF_8);
            return pointedTo(
                    packed(new Published(good.manifest(), nonsense), version, signer, manifest -> {}),
                    version,
                    signer,
                    issuedAt);
        }
    };

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Why it is refused. */
    final Refusal reason;

    BadModel(Refusal reason) {
        this.reason = reason;
    }

    /** The records, the pointer last. */
    abstract List<ModelPacker.Entry> of(Published good, long version, ModelSigner signer, String issuedAt);

    private static List<ModelPacker.Entry> packed(
            Published good, long version, ModelSigner signer, Consumer<ObjectNode> change) {
        try {
            ObjectNode manifest = (ObjectNode) JSON.readTree(ModelJson.write(good.manifest()));
            manifest.put("version", version);
            change.accept(manifest);
            ModelManifest changed = ModelJson.readManifest(JSON.writeValueAsString(manifest));
            return new ArrayList<>(ModelPacker.pack(changed, good.onnx(), signer));
        } catch (JsonProcessingException | RefusedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ModelSigner stranger(ModelSigner signer) {
        return new ModelSigner(signer.namespace(), SigningKey.generate());
    }

    private static ObjectNode first(ObjectNode manifest, String list) {
        return (ObjectNode) manifest.get(list).get(0);
    }

    private static ModelPacker.Entry signedBy(ModelPacker.Entry manifest, String keyId, byte[] signature) {
        String json = ((SignedManifest) manifest.value().getBody()).getJson();
        return new ModelPacker.Entry(
                manifest.key(), new ModelRecord(new SignedManifest(json, keyId, ByteBuffer.wrap(signature))));
    }

    private static List<ModelPacker.Entry> pointedTo(
            List<ModelPacker.Entry> packed, long version, ModelSigner signer, String issuedAt) {
        packed.add(ModelPacker.pointer(
                new ModelPointer("viewer", version, false, ModelPacker.manifestSha256(packed), issuedAt), signer));
        return packed;
    }
}
