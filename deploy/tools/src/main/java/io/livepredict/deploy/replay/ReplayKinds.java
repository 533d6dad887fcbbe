package io.livepredict.deploy.replay;

import io.livepredict.contract.Kind;
import io.livepredict.contract.KindDefinition;
import io.livepredict.contract.KindDefinition.Aggregate;
import io.livepredict.settings.KindSettings;
import io.livepredict.settings.SettingsException;
import io.livepredict.streams.mapping.MappingSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What a mapping says about its kind: every number and attribute that it makes becomes features, and it may declare types. */
public final class ReplayKinds {
    private static final int ATTRIBUTE_BUCKETS = 1_024;

    private ReplayKinds() {}

    /** The kind's definition for a log with that mapping. */
    public static Map<Kind, KindSettings> of(MappingSettings mapping) {
        Set<String> types =
                new LinkedHashSet<>(KindDefinition.defaults(mapping.kind()).eventTypes());
        types.addAll(mapping.newTypes());
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

    /**
     * Looks whether every event type that the mapping can make is declared.
     *
     * @param kinds what they are
     * @throws SettingsException if one is not, in one line
     */
    public static void check(MappingSettings mapping, Map<Kind, KindSettings> kinds) {
        Kind kind = mapping.kind();
        KindSettings settings = kinds.getOrDefault(kind, KindSettings.defaults());
        String undeclared = mapping.undeclared(settings.definition(kind).eventTypes());
        if (undeclared != null) {
            throw new SettingsException(undeclared, null);
        }
    }
}
