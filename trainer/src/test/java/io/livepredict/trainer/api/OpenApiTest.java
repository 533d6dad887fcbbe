package io.livepredict.trainer.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Namespace;
import io.livepredict.contract.Topics;
import io.livepredict.model.ModelSigner;
import io.livepredict.model.ModelVerifier;
import io.livepredict.model.SigningKey;
import io.livepredict.model.TrustedKeys;
import io.livepredict.serde.AvroSerdes;
import io.livepredict.serde.InProcessRegistry;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.trainer.publish.ModelOperator;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;

class OpenApiTest {
    @Test
    void shouldDescribeEveryOperationThereIsAndNoOther() throws IOException {
        JsonNode document = new ObjectMapper().readTree(TrainerApi.document());
        Set<String> described = new TreeSet<>();
        document.path("paths")
                .properties()
                .forEach(path -> path.getValue()
                        .properties()
                        .forEach(method -> described.add(method.getKey().toUpperCase(Locale.ROOT)
                                + ' '
                                + path.getKey()
                                + ' '
                                + method.getValue().path("operationId").asText()
                                + ' '
                                + method.getValue().path("x-role").asText())));

        assertThat(described).isEqualTo(routes());
    }

    private static Set<String> routes() {
        KafkaSettings nowhere = KafkaSettings.of("127.0.0.1:1");
        AvroSerdes serdes = new AvroSerdes(new InProcessRegistry());
        Topics topics = new Topics(Namespace.defaults(), 1, serdes);
        SigningKey key = SigningKey.generate();
        ModelOperator models = new ModelOperator(
                nowhere,
                topics.models(),
                new ModelSigner(topics.namespace(), key),
                new ModelVerifier(topics.namespace(), TrustedKeys.of(List.of(key.publicKey()))),
                Clock.systemUTC(),
                Duration.ofSeconds(1),
                "none");
        try (TrainerApi api = new TrainerApi(
                List.of(Kind.VIEWER),
                models,
                topics.audit(),
                new KafkaProducer<>(
                        nowhere.producer("none"),
                        topics.audit().key().serializer(),
                        topics.audit().value().serializer()),
                Clock.systemUTC())) {
            return api.routes().stream()
                    .map(route -> route.method()
                            + ' '
                            + route.path()
                            + ' '
                            + route.operation()
                            + ' '
                            + route.role().name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
