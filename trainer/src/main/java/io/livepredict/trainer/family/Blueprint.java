package io.livepredict.trainer.family;

import io.livepredict.contract.FeatureSchema;
import io.livepredict.contract.Target;
import java.util.List;

/**
 * A family for a given schema and targets: everything that decides shapes and names.
 *
 * @param settings which family and how it learns
 * @param schema what goes in
 * @param targets what comes out, in this order
 * @param network the trained part
 */
record Blueprint(FamilySettings settings, FeatureSchema schema, List<Target> targets, Network network) {
    Blueprint {
        targets = List.copyOf(targets);
    }

    /**
     * Lays out the family.
     *
     * @throws IllegalArgumentException if the schema lacks what the family needs
     */
    static Blueprint of(FamilySettings settings, FeatureSchema schema, List<Target> targets) {
        require(!targets.isEmpty(), settings, schema, "at least one target");
        require(!schema.dense().isEmpty(), settings, schema, "at least one dense feature");
        return new Blueprint(settings, schema, targets, network(settings, schema, targets));
    }

    private static Network network(FamilySettings settings, FeatureSchema schema, List<Target> targets) {
        Axis dense = Axis.dense(schema);
        Axis heads = Axis.targets(targets);
        return switch (settings) {
            case FamilySettings.Logistic s ->
                new Network.Dense(new Network.Layers(List.of(), Activation.RELU, dense, heads), 0);
            case FamilySettings.Mlp s ->
                new Network.Dense(new Network.Layers(s.hidden(), s.activation(), dense, heads), s.pieces());
            case FamilySettings.WideAndDeep s -> {
                require(!schema.ids().isEmpty(), s, schema, "at least one id");
                List<RowTable.Block> blocks = RowTable.blocks(schema, s.maxRows());
                yield new Network.WideAndDeep(
                        new Network.Layers(
                                s.hidden(), s.activation(), dense.then(Axis.ids(schema, s.embedding())), heads),
                        List.of(
                                new RowTable(
                                        Network.WideAndDeep.EMBEDDING,
                                        blocks,
                                        Axis.hidden(s.embedding()),
                                        Initialiser.uniform(0.05),
                                        s.training().optimiser()),
                                new RowTable(
                                        Network.WideAndDeep.WIDE,
                                        blocks,
                                        heads,
                                        Initialiser.zero(),
                                        s.wideOptimiser())));
            }
            case FamilySettings.Gru s -> {
                require(schema.sequenceLength() > 0, s, schema, "a sequence of events");
                yield new Network.Recurrent(
                        s.units(),
                        Axis.steps(schema),
                        new Network.Layers(s.hidden(), s.activation(), dense.then(Axis.hidden(s.units())), heads));
            }
            case FamilySettings.Cnn s -> {
                require(schema.sequenceLength() >= s.window(), s, schema, "a sequence of at least " + s.window());
                yield new Network.Convolutional(
                        s.filters(),
                        s.window(),
                        Axis.steps(schema),
                        new Network.Layers(s.hidden(), s.activation(), dense.then(Axis.hidden(s.filters())), heads));
            }
        };
    }

    /** Whether any target is a sum, whose labels are normalised too. */
    boolean hasSums() {
        return targets.stream().anyMatch(t -> !t.isBinary());
    }

    private static void require(boolean condition, FamilySettings family, FeatureSchema schema, String wanted) {
        if (!condition) {
            throw new IllegalArgumentException("family " + family.id() + " needs " + wanted + "; the schema of "
                    + schema.kind().id() + " has " + schema.dense().size() + " dense features, a sequence of "
                    + schema.sequenceLength() + " and " + schema.ids().size() + " ids");
        }
    }
}
