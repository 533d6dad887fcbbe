package io.livepredict.streams.wiring;

import io.livepredict.avro.Alert;
import io.livepredict.avro.ChoiceExample;
import io.livepredict.avro.ErasureReceipt;
import io.livepredict.avro.Outlook;
import io.livepredict.avro.Prediction;
import io.livepredict.contract.Kind;
import io.livepredict.contract.Topics;
import io.livepredict.streams.config.StreamsAppSettings;
import io.livepredict.streams.output.OutputSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.avro.Schema;

/** The schemas of a configuration's outputs, which are registered at start: no stream thread then waits for the registry. */
final class OutputSchemas {
    private OutputSchemas() {}

    /** Schemas by topic, those of labelled examples apart. */
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
        for (Kind kind : config.choices().keySet()) {
            schemas.put(topics.choiceExamples(kind).name(), ChoiceExample.getClassSchema());
        }
        if (config.erasures()) {
            schemas.put(topics.erasureReceipts().name(), ErasureReceipt.getClassSchema());
        }
        return schemas;
    }
}
