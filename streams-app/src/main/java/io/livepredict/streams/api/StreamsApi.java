package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.http.Access;
import io.livepredict.http.Api;
import io.livepredict.http.Route;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.streams.activity.ContextFeatures;
import io.livepredict.streams.context.ContextFlow;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.score.ActiveModel;
import io.livepredict.streams.step.NodeNames;
import io.livepredict.streams.topology.KindPlan;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.jspecify.annotations.Nullable;

/**
 * The operations of the streams app. Their contract is {@code openapi.json} beside this class; a test holds the two together.
 * Close the {@link Api} that serves them before this.
 */
public final class StreamsApi implements AutoCloseable {
    private final List<Route> routes = new ArrayList<>();
    private final List<ScoresNow> scoresNow = new ArrayList<>();
    private final Instances instances;

    /**
     * What a kind is answered from.
     *
     * @param plan what is configured for it
     * @param active what it is scored with
     * @param activation how a model became that
     */
    public record KindParts(KindPlan plan, ActiveModel active, Activation activation) {}

    /**
     * What the operations touch outside of this package.
     *
     * @param kinds in the order in which they are listed
     * @param intake what the models topic holds
     * @param client Kafka Streams as it is at present
     * @param applicationId begins the names of internal topics
     * @param own under which the other instances reach this one
     * @param outlookParts by kind the topic in which the outlook's parts come together; empty where there is no outlook
     * @param uncommitted whether state may hold what is not committed yet
     * @param wallClockMillis the moment that is now
     */
    public record Surroundings(
            List<KindParts> kinds,
            ModelIntake intake,
            Supplier<Optional<KafkaStreams>> client,
            String applicationId,
            HostInfo own,
            Map<Kind, String> outlookParts,
            boolean uncommitted,
            LongSupplier wallClockMillis) {
        public Surroundings {
            kinds = List.copyOf(kinds);
            outlookParts = Map.copyOf(outlookParts);
        }
    }

    /** @param address how every instance listens */
    public StreamsApi(Surroundings around, HttpSettings.Address address) {
        instances = new Instances(around.client, around.own, address.tls());
        Map<Kind, Entities> entities = new EnumMap<>(Kind.class);
        Map<Kind, Outlooks> outlooks = new EnumMap<>(Kind.class);
        Map<Kind, KindPlan> plans = new EnumMap<>(Kind.class);
        Map<Kind, Activation> activations = new LinkedHashMap<>();
        for (KindParts parts : around.kinds) {
            KindPlan plan = parts.plan;
            ScoresNow now =
                    new ScoresNow(plan.targets(), parts.active, contexts(plan, around.client), around.wallClockMillis);
            scoresNow.add(now);
            plans.put(plan.kind(), plan);
            String instance = around.own.host() + ':' + around.own.port();
            String outlookParts = around.outlookParts.get(plan.kind());
            if (outlookParts != null) {
                outlooks.put(
                        plan.kind(),
                        new Outlooks(
                                around.client,
                                plan,
                                outlookParts,
                                () -> instances.partitions(outlookParts),
                                instance,
                                around.uncommitted));
            }
            entities.put(
                    plan.kind(),
                    new Entities(
                            new LocalState(around.client, plan, around.applicationId),
                            new EntityAnswers(plan, now, around.uncommitted, instance, around.wallClockMillis),
                            plan.repartitions()));
            activations.put(plan.kind(), parts.activation);
        }
        routes.add(new Kinds(around.kinds.stream().map(KindParts::plan).toList()).route());
        OutlookRoutes rooms = new OutlookRoutes(plans, outlooks, instances);
        routes.addAll(new EntityRoutes(entities, rooms, instances).routes());
        routes.addAll(rooms.routes());
        routes.addAll(new ModelAnswers(activations, kind -> around.intake.known(kind.id())).routes());
    }

    private static ContextFeatures contexts(KindPlan plan, Supplier<Optional<KafkaStreams>> client) {
        if (!plan.contextFeatures()) {
            return (contextId, asOfMillis, into, offset) -> {};
        }
        String store = new NodeNames(plan.kind()).contextRecentStore();
        return ContextFlow.reader(plan.definition(), contextId -> recent(client, store, contextId));
    }

    private static @Nullable Object recent(Supplier<Optional<KafkaStreams>> client, String store, String contextId) {
        KafkaStreams streams =
                client.get().orElseThrow(() -> new InvalidStateStoreException("streams are not started"));
        return streams.store(StoreQueryParameters.fromNameAndType(
                        store, QueryableStoreTypes.<String, Object>keyValueStore()))
                .get(contextId);
    }

    /**
     * Makes them ready to be served.
     *
     * @throws io.livepredict.settings.SettingsException if the token file can't be read
     */
    public Api serve(ApiSettings settings, HttpSettings.Address address, Api.Requests requests) {
        return new Api(document(), routes, Access.of(settings, address), settings.mostPerSecond(), requests);
    }

    /** The operations. */
    List<Route> routes() {
        return List.copyOf(routes);
    }

    /** The OpenAPI document. */
    static byte[] document() {
        try (InputStream in = Objects.requireNonNull(StreamsApi.class.getResourceAsStream("openapi.json"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.json of the streams app", e);
        }
    }

    @Override
    public void close() {
        instances.close();
        scoresNow.forEach(ScoresNow::close);
    }
}
