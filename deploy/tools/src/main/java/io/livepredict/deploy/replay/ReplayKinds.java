package io.livepredict.deploy.replay;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.Settings;
import io.livepredict.streams.mapping.MappingSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a mapping says about its kind: every number and attribute that it makes becomes features, every type is declared. */
public final class ReplayKinds {
    private static final int ATTRIBUTE_BUCKETS = 1_024;

    private ReplayKinds() {}

    /** The kind's definition for a log with that mapping. */
    public static Map<Kind, KindSettings> of(MappingSettings mapping) {
        Set<String> types =
                new LinkedHashSet<>(KindDefinition.defaults(mapping.kind()).eventTypes());
        types.addAll(mapping.eventTypes());
        Map<String, List<Aggregate>> numbers = new LinkedHashMap<>();
        mapping.numbers().keySet().forEach(name -> numbers.put(name, List.of(Aggregate.values())));
        Map<String, Integer> attributes = new LinkedHashMap<>();
        mapping.attributes().keySet().forEach(name -> attributes.put(name, ATTRIBUTE_BUCKETS));
        return Map.of(
                mapping.kind(),
                KindSettings.builder()
                        .eventTypes(new ArrayList<>(types))
                        .numbers(numbers)
                        .attributes(attributes)
                        .build());
    }

    /** What may be meant otherwise than a mapping has it, a line each: types that the kind as shipped does not have, too. */
    static List<String> hints(MappingSettings mapping) {
        List<String> hints = new ArrayList<>(mapping.hints());
        List<String> shipped = KindDefinition.defaults(mapping.kind()).eventTypes();
        for (String type : mapping.eventTypes()) {
            if (!shipped.contains(type)) {
                hints.add("the mapping makes " + type + ", which is not an event type of "
                        + mapping.kind().id()
                        + " as shipped (" + String.join(", ", shipped) + "): here it becomes a new one"
                        + Settings.didYouMean(type, shipped));
            }
        }
        return hints;
    }
}
