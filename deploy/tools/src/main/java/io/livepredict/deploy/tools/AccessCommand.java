package io.livepredict.deploy.tools;

import io.livepredict.contract.Namespace;
import io.livepredict.deploy.access.AccessSetup;
import io.livepredict.deploy.access.Part;
import io.livepredict.settings.KafkaSettings;
import io.livepredict.settings.SettingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AclBinding;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "access",
        description = "Show the ACLs that each part needs, or create them, and SCRAM users with them.",
        mixinStandardHelpOptions = true)
final class AccessCommand implements Callable<Integer> {
    private static final String PASSWORD = "_PASSWORD";

    private final Map<String, String> env;

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description = "Properties of an administrator's client, bootstrap.servers among them.")
    private @Nullable Path clientConfig;

    @Option(names = "--create", description = "Create what is missing; needs --client-config.")
    private boolean create;

    @Option(
            names = "--users",
            description = "With --create: also set the SCRAM-SHA-512 password of each user for whom the environment has"
                    + " one: STREAMS_APP_PASSWORD, TRAINER_PASSWORD …")
    private boolean users;

    @Option(names = "--namespace", defaultValue = "livepredict", description = "Default: livepredict.")
    private String namespace = "livepredict";

    @Option(
            names = "--principal",
            paramLabel = "PART=PRINCIPAL",
            description = "Who runs a part, e.g. trainer=User:CN=trainer; default: User: and the part's name.")
    private Map<String, String> principals = new TreeMap<>();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    AccessCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws ExecutionException, InterruptedException {
        Map<Part, String> parts = new EnumMap<>(Part.class);
        for (Part part : Part.values()) {
            parts.put(part, principals.getOrDefault(part.user(), "User:" + part.user()));
        }
        principals.keySet().stream()
                .filter(name ->
                        parts.keySet().stream().noneMatch(part -> part.user().equals(name)))
                .findFirst()
                .ifPresent(name -> {
                    throw new SettingsException("--principal " + name + "=…: there is no such part; there are "
                            + parts.keySet().stream().map(Part::user).toList());
                });
        PrintWriter out = spec.commandLine().getOut();
        Namespace of = new Namespace(namespace);
        if (!create) {
            parts.forEach((part, principal) -> part.acls(of, principal).forEach(acl -> out.println(line(acl))));
            out.flush();
            return 0;
        }
        if (clientConfig == null) {
            throw new SettingsException("--create needs --client-config FILE with bootstrap.servers");
        }
        try (Admin admin = Admin.create(read(clientConfig).client("livepredict-access"))) {
            if (users) {
                Map<String, String> passwords = new TreeMap<>();
                for (Part part : parts.keySet()) {
                    String password = env.get(part.name() + PASSWORD);
                    if (password != null && !password.isBlank()) {
                        passwords.put(part.user(), password);
                    }
                }
                AccessSetup.users(admin, passwords);
                out.println("users: " + String.join(", ", passwords.keySet()));
            }
            List<AclBinding> granted = AccessSetup.grant(admin, of, parts);
            List<String> lines =
                    new ArrayList<>(granted.stream().map(AccessCommand::line).toList());
            lines.sort(null);
            lines.forEach(out::println);
            out.println(granted.size() + " ACLs created, the others were there");
            out.flush();
        }
        return 0;
    }

    private static String line(AclBinding acl) {
        return acl.entry().principal()
                + ' '
                + acl.entry().operation()
                + ' '
                + acl.pattern().resourceType()
                + ' '
                + acl.pattern().name()
                + switch (acl.pattern().patternType()) {
                    case PREFIXED -> "*";
                    default -> "";
                };
    }

    private static KafkaSettings read(Path file) {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (IOException e) {
            throw new SettingsException(file + ": can't be read: " + e.getMessage(), e);
        }
        Map<String, String> settings = new TreeMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return new KafkaSettings(settings);
    }
}
