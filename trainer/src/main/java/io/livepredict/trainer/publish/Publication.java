package io.livepredict.trainer.publish;

import io.livepredict.avro.ModelRecord;
import io.livepredict.contract.ModelManifest;
import io.livepredict.contract.ModelPointer;
import io.livepredict.model.ModelPacker;
import io.livepredict.model.ModelSigner;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The records that make a version public, in the order to send them, all in one transaction. */
public final class Publication {
    private Publication() {}

    /** A record of the models topic; a null value is a tombstone. */
    public record Entry(String key, @Nullable ModelRecord value) {}

    /**
     * Chunks, manifest, the pointer unless an operator pinned it, then the tombstones of what is no longer kept. A pinned
     * pointer that somebody wrote over is written again as it was.
     *
     * @param view the topic as it is
     * @param now when the pointer is issued; a scorer follows a pointer only if it was issued after the one that counts
     */
    public static List<Entry> of(
            Published published, ModelsView view, RetentionPolicy retention, ModelSigner signer, Instant now) {
        List<Entry> entries = new ArrayList<>();
        List<ModelPacker.Entry> packed = ModelPacker.pack(published.manifest(), published.onnx(), signer);
        packed.forEach(entry -> entries.add(new Entry(entry.key(), entry.value())));
        Optional<ModelPointer> serving = view.serving();
        ModelManifest manifest = published.manifest();
        Optional<ModelPointer> next = serving.filter(ModelPointer::pinned).isPresent()
                ? view.overwrittenPointer()
                : Optional.of(new ModelPointer(
                        manifest.name(),
                        manifest.version(),
                        false,
                        ModelPacker.manifestSha256(packed),
                        ModelPointer.issueAfter(serving, now).toString()));
        next.map(pointer -> ModelPacker.pointer(pointer, signer))
                .ifPresent(entry -> entries.add(new Entry(entry.key(), entry.value())));
        view.dropped(retention, published.manifest()).forEach(dropped -> entries.add(new Entry(dropped, null)));
        return entries;
    }
}
