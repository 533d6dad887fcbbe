package io.livepredict.serde;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.avro.util.ClassSecurityValidator;

/**
 * Tells Avro which record classes it may make. Since 1.12.2 it makes none but the JDK's own unless told, so that a schema
 * from a registry can't name a class of its choice. The list is Avro's, for the whole JVM; ours is added to it.
 */
final class TrustedPackages {
    private static final Set<String> PACKAGES = ConcurrentHashMap.newKeySet();

    static {
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> SpecificRecord.class.isAssignableFrom(type) && PACKAGES.contains(type.getPackageName())));
    }

    private TrustedPackages() {}

    /** Trusts the records generated beside this one. */
    static void add(Class<? extends SpecificRecord> type) {
        PACKAGES.add(type.getPackageName());
    }
}
