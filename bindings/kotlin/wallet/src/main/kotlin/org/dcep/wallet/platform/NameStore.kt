package org.dcep.wallet.platform

/**
 * A durable set of names that backups and copies of the app's files do not contain: the aliases of a key store, say.
 *
 * Any method may throw; a name is then there or not, and the next call tells which.
 */
public interface NameStore {
    /**
     * Every name, also those that others put there.
     *
     * @throws Exception if the list cannot be complete now: a shorter list is never returned.
     */
    public fun names(): Set<String>

    /** Adds a name, durably. Names that are there already stay. */
    public fun add(name: String)

    /** Removes a name, durably. One that is not there is removed already. */
    public fun remove(name: String)
}
