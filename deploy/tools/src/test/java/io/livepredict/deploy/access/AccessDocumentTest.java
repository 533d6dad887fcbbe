package io.livepredict.deploy.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.livepredict.contract.Namespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.resource.PatternType;
import org.junit.jupiter.api.Test;

/** deploy/compose/ACCESS.md lists what {@link Part} grants, no more and no less. */
class AccessDocumentTest {
    private static final Path DOCUMENT =
            Path.of("../compose/ACCESS.md").toAbsolutePath().normalize();

    @Test
    void shouldListWhatEachPartMayDo() throws IOException {
        List<String> rows = new ArrayList<>();
        for (Part part : Part.values()) {
            Map<String, List<String>> operations = new LinkedHashMap<>();
            for (AclBinding acl : part.acls(Namespace.defaults(), "User:any")) {
                operations
                        .computeIfAbsent(resource(acl), on -> new ArrayList<>())
                        .add(acl.entry().operation().name());
            }
            operations.forEach(
                    (on, may) -> rows.add("| " + part.user() + " | " + on + " | " + String.join(", ", may) + " |"));
        }

        assertThat(Files.readAllLines(DOCUMENT).stream().filter(line -> line.startsWith("| ") && line.contains("`")))
                .containsExactlyElementsOf(rows);
    }

    private static String resource(AclBinding acl) {
        return acl.pattern().resourceType().name().toLowerCase(Locale.ROOT).replace('_', '-')
                + " `"
                + acl.pattern().name()
                + (acl.pattern().patternType() == PatternType.PREFIXED ? "*" : "")
                + "`";
    }
}
