package io.livepredict.deploy.access;

import io.livepredict.contract.Namespace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.errors.SecurityDisabledException;

/** Makes the users and ACLs that are missing. What is there already is left alone, so it can run at every start. */
public final class AccessSetup {
    private static final int ITERATIONS = 8192;

    private AccessSetup() {}

    /**
     * Sets passwords, new ones for those who had one.
     *
     * @param passwords by user name
     */
    public static void users(Admin admin, Map<String, String> passwords)
            throws ExecutionException, InterruptedException {
        List<UserScramCredentialAlteration> changes = new ArrayList<>();
        passwords.forEach((user, password) -> changes.add(new UserScramCredentialUpsertion(
                user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), password)));
        admin.alterUserScramCredentials(changes).all().get();
    }

    /**
     * Grants the parts what they need.
     *
     * @param principals who runs each part
     * @return what was missing and is now there
     * @throws ExecutionException caused by a {@link SecurityDisabledException} if the broker has no authorizer
     */
    public static List<AclBinding> grant(Admin admin, Namespace namespace, Map<Part, String> principals)
            throws ExecutionException, InterruptedException {
        Set<AclBinding> wanted = new HashSet<>();
        new LinkedHashMap<>(principals).forEach((part, principal) -> wanted.addAll(part.acls(namespace, principal)));
        wanted.removeAll(admin.describeAcls(AclBindingFilter.ANY).values().get());
        admin.createAcls(wanted).all().get();
        return List.copyOf(wanted);
    }
}
