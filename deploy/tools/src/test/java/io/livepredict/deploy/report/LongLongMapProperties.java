package io.livepredict.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class LongLongMapProperties {
    @Property(tries = 50)
    void shouldDoAsAHashMapDoes(@ForAll @Size(max = 3_000) List<@LongRange(min = -2_000, max = 2_000) Long> keys) {
        LongLongMap map = new LongLongMap();
        Map<Long, Long> reference = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            boolean isNew = reference.putIfAbsent(keys.get(i), (long) i) == null;
            assertThat(map.putIfAbsent(keys.get(i), i)).isEqualTo(isNew);
        }
        assertThat(map.size()).isEqualTo(reference.size());
        for (long key = -2_000; key <= 2_000; key++) {
            assertThat(map.getOrDefault(key, -1)).isEqualTo(reference.getOrDefault(key, -1L));
        }
    }
}
