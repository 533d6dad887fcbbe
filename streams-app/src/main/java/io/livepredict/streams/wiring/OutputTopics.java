package io.livepredict.streams.wiring;

import io.livepredict.avro.Alert;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.output.OutputSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** Which topics a configuration writes what can be acted on to. */
final class OutputTopics {
    private OutputTopics() {}

    /** The topics of what leaves besides labelled examples, with their schemas. */
    static Map<String, Schema> of(StreamsAppSettings config, Topics topics) {
        OutputSettings outputs = config.outputs();
        Map<String, Schema> schemas = new LinkedHashMap<>();
        if (outputs.flat()) {
            schemas.put(topics.predictions().name(), Prediction.getClassSchema());
        }
        outputs.rows()
                .ifPresent(
                        rows -> schemas.put(topics.predictionRows(rows.schema()).name(), rows.schema()));
        if (!outputs.alerts().isEmpty()) {
            schemas.put(topics.alerts().name(), Alert.getClassSchema());
        }
        if (outputs.presentFor().isPresent()) {
            schemas.put(topics.outlook().name(), Outlook.getClassSchema());
        }
        return schemas;
    }
}
