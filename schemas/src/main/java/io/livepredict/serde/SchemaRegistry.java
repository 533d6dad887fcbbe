package io.livepredict.serde;

import org.apache.avro.Schema;

/** Gives schemas ids and gives them back by id. Safe for use from several threads; answers are cached. */
public interface SchemaRegistry extends AutoCloseable {
    /**
     * The id of a schema under a subject, registering it when it is new there.
     *
     * @throws IncompatibleSchemaException if the registry refuses the schema
     * @throws RegistryUnavailableException if the registry can't be asked
     */
    int register(String subject, Schema schema);

    /**
     * The schema with that id.
     *
     * @throws UnknownSchemaIdException if the registry has none
     * @throws IncompatibleSchemaException if it has one that is not Avro
     * @throws RegistryUnavailableException if the registry can't be asked
     */
    Schema byId(int id);

    @Override
    void close();
}
