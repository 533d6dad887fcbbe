package io.livepredict.trainer.wiring;

import io.livepredict.contract.Topics;
import io.livepredict.http.Api;
import io.livepredict.http.HttpEndpoint;
import io.livepredict.settings.ApiSettings;
import io.livepredict.trainer.api.TrainerApi;
import io.livepredict.trainer.config.TrainerSettings;
import io.livepredict.trainer.metrics.TrainerMeters;
import java.time.Clock;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * The API of a running trainer, where one is configured.
 *
 * @param operations what it serves
 * @param api what serves it
 */
record ServedApi(TrainerApi operations, Api api) implements AutoCloseable {
    /** Serves it at the endpoint from now on. */
    static ServedApi open(
            ApiSettings settings,
            TrainerSettings config,
            Topics topics,
            HttpEndpoint endpoint,
            TrainerMeters meters,
            Clock clock) {
        Map<String, Object> producer = config.kafka().producer("trainer-audit");
        producer.put("delivery.timeout.ms", 10_000);
        producer.put("request.timeout.ms", 5_000);
        producer.put("max.block.ms", 5_000);
        TrainerApi operations = new TrainerApi(
                config.kinds().active(),
                OperatorTools.models(config, topics),
                topics.audit(),
                new KafkaProducer<>(
                        producer,
                        topics.audit().key().serializer(),
                        topics.audit().value().serializer()),
                clock);
        Api api = operations.serve(settings, config.http(), meters.api());
        endpoint.serve(api);
        return new ServedApi(operations, api);
    }

    @Override
    public void close() {
        api.close();
        operations.close();
    }
}
