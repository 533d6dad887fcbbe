package io.livepredict.streams.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.livepredict.contract.Kind;
import io.livepredict.http.Api;
import io.livepredict.streams.api.Instances.Has;
import io.livepredict.streams.api.LocalState.Part;
import io.livepredict.streams.step.NodeNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.jspecify.annotations.Nullable;

/** One kind's viewers or players. */
final class Entities implements Holding {
    private final LocalState local;
    private final EntityAnswers answers;
    private final int partitions;

    /** @param partitions how many tasks take in the kind's events, over all instances */
    Entities(LocalState local, EntityAnswers answers, int partitions) {
        this.local = local;
        this.answers = answers;
        this.partitions = partitions;
    }

    @Override
    public Kind kind() {
        return local.kind();
    }

    @Override
    public String store() {
        return new NodeNames(kind()).activity();
    }

    @Override
    public int partitions() {
        return partitions;
    }

    @Override
    public String unknown() {
        return "No event of that entity is known here.";
    }

    @Override
    public Has here(List<String> ids, Ask ask, boolean copies) {
        try {
            List<Part> parts = local.parts(copies);
            List<@Nullable JsonNode> found = new ArrayList<>();
            for (Object answer : answers.answer(ids, ask, parts)) {
                found.add(answer == null ? null : Api.json(answer));
            }
            return new Has(parts.stream().map(Part::partition).collect(Collectors.toCollection(TreeSet::new)), found);
        } catch (InvalidStateStoreException e) {
            return new Has(Set.of(), Arrays.asList(new JsonNode[ids.size()])); // a task has just gone
        }
    }
}
