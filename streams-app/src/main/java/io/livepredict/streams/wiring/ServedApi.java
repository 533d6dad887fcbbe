package io.livepredict.streams.wiring;

import io.livepredict.contract.Kind;
import io.livepredict.contract.Topics;
import io.livepredict.http.Api;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.api.StreamsApi;
import io.livepredict.streams.config.StreamsAppConfig.Guarantee;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.metrics.AppMetrics;
import io.livepredict.streams.topology.KindPlan;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.state.HostInfo;

/** The API of a running app, where one is configured. */
final class ServedApi implements AutoCloseable {
    /** Kafka Streams tells all instances under which address each is reached. */
    static final String APPLICATION_SERVER = "application.server";

    private final HostInfo own;
    private final StreamsApi operations;
    private final Api api;

    private ServedApi(HostInfo own, StreamsApi operations, Api api) {
        this.own = own;
        this.operations = operations;
        this.api = api;
    }

    /** Serves it at the endpoint from now on. */
    static ServedApi open(
            ApiSettings settings,
            StreamsAppSettings config,
            FlowPlan plan,
            Topics topics,
            ServedModels models,
            HttpEndpoint endpoint,
            AppMetrics metrics,
            Supplier<Optional<KafkaStreams>> client,
            LongSupplier wallClockMillis) {
        HostInfo own = own(settings, config, endpoint.port());
        StreamsApi operations = new StreamsApi(
                new StreamsApi.Surroundings(
                        plan.kinds().stream()
                                .map(kind -> new StreamsApi.KindParts(
                                        kind, models.active(kind.kind()), models.activation(kind.kind())))
                                .toList(),
                        models.intake(),
                        client,
                        config.applicationId(),
                        own,
                        outlookParts(plan, topics),
                        config.guarantee() == Guarantee.EXACTLY_ONCE,
                        wallClockMillis),
                config.http());
        Api api = operations.serve(settings, config.http(), metrics.api());
        endpoint.serve(api);
        return new ServedApi(own, operations, api);
    }

    private static Map<Kind, String> outlookParts(FlowPlan plan, Topics topics) {
        return plan.settings().outputs().presentFor().isEmpty()
                ? Map.of()
                : plan.kinds().stream()
                        .collect(Collectors.toMap(
                                KindPlan::kind,
                                kind -> topics.outlookParts(kind.kind()).name()));
    }

    /** The address under which the other instances reach this one. */
    String address() {
        return own.host() + ':' + own.port();
    }

    private static HostInfo own(ApiSettings settings, StreamsAppSettings config, int port) {
        String given = config.streams().getOrDefault(APPLICATION_SERVER, settings.address());
        HostInfo own = given == null ? new HostInfo(hostName(config.http()), port) : HostInfo.buildFromEndpoint(given);
        if (own == null) {
            throw new SettingsException(
                    List.of("api", "address"), "api.address: must be host:port, got '" + given + "'", null);
        }
        return own;
    }

    /** The address that is listened at; this machine's name where that is all of its addresses. */
    private static String hostName(HttpSettings.Address http) {
        try {
            return InetAddress.getByName(http.host()).isAnyLocalAddress()
                    ? InetAddress.getLocalHost().getCanonicalHostName()
                    : http.host();
        } catch (UnknownHostException e) {
            throw new SettingsException(
                    List.of("api", "address"),
                    "api.address: this machine's name is not known (" + e.getMessage()
                            + "): say under which host:port the other instances reach this one",
                    e);
        }
    }

    /** Answers nothing any more. Call it before models are closed. */
    @Override
    public void close() {
        api.close();
        operations.close();
    }
}
