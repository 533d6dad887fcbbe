package io.livepredict.streams.api;

import io.livepredict.contract.Kind;
import io.livepredict.http.Access;
import io.livepredict.http.Api;
import io.livepredict.http.Route;
import io.livepredict.settings.ApiSettings;
import io.livepredict.settings.HttpSettings;
import io.livepredict.streams.model.Activation;
import io.livepredict.streams.model.ModelIntake;
import io.livepredict.streams.topology.KindPlan;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The operations of the streams app. Their contract is {@code openapi.json} beside this class; a test holds the two together.
 *
 * @param plans the kinds that are scored
 * @param activations by kind which model is active
 * @param intake what the models topic holds
 */
public record StreamsApi(List<KindPlan> plans, Map<Kind, Activation> activations, ModelIntake intake) {
    public StreamsApi {
        plans = List.copyOf(plans);
        activations = Map.copyOf(activations);
    }

    /**
     * Makes it ready to be served.
     *
     * @throws io.livepredict.settings.SettingsException if the token file can't be read
     */
    public Api open(ApiSettings settings, HttpSettings.Address address, Api.Requests requests) {
        return new Api(document(), routes(), Access.of(settings, address), settings.mostPerSecond(), requests);
    }

    /** The operations. */
    List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        routes.add(new Kinds(plans).route());
        routes.addAll(new ModelAnswers(activations, kind -> intake.known(kind.id())).routes());
        return routes;
    }

    /** The OpenAPI document. */
    static byte[] document() {
        try (InputStream in = Objects.requireNonNull(StreamsApi.class.getResourceAsStream("openapi.json"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("openapi.json of the streams app", e);
        }
    }
}
