@file:OptIn(InternalWalletApi::class)

package org.dcep.wallet.platform

import org.dcep.wallet.GuardException
import org.dcep.wallet.Head
import org.dcep.wallet.RollbackGuard

private const val PREFIX = "dcep_head_"
private const val WALLET_BYTES = 16
private const val DIGEST_BYTES = 32

/**
 * The journal's head as a *name* in a [NameStore]: it is written by adding the new name and removing the old one after
 * that. If the power fails in between there are two, and the one with the higher number is the head.
 *
 * May be called from any thread.
 *
 * @param store where the names are.
 * @param alone runs one change at a time, against every other process that uses the same store. Threads of this process
 * need not be kept apart by it.
 */
public class NamedHeads(
    private val store: NameStore,
    private val alone: (change: () -> Head) -> Head = { it() },
) : RollbackGuard {
    /**
     * The head last stored for a wallet; `null` if there is none.
     *
     * @param wallet its id, 16 bytes.
     * @throws GuardException if the store cannot be read.
     */
    override fun read(wallet: ByteArray): Head? = available { newest(stored(wallet))?.head }

    /**
     * Stores a head if what is stored is [known], and returns what is stored now.
     *
     * @throws GuardException if the store cannot be read or written, or if a head is [known] and none is stored.
     */
    override fun advance(known: Head?, head: Head): Head = available {
        synchronized(LOCK) {
            alone {
                val stored = stored(head.wallet)
                val current = newest(stored)
                when {
                    current?.name == known?.let(::name) -> advanced(stored, head)
                    // A head was known, and there is none: nothing that could be returned is true.
                    current == null -> throw GuardException.Unavailable()
                    else -> current.head
                }
            }
        }
    }

    private fun advanced(stored: List<Stored>, head: Head): Head {
        val name = name(head)
        store.add(name)
        stored.filter { it.name != name }.forEach { store.remove(it.name) }
        // What is returned is what can be read back, and not what was meant.
        return newest(stored(head.wallet))?.head ?: throw GuardException.Unavailable()
    }

    private fun stored(wallet: ByteArray): List<Stored> {
        val prefix = "$PREFIX${wallet.hexadecimal()}_"
        return store.names().filter { it.startsWith(prefix) }.map { name ->
            // A name of this kind that cannot be read is no reason to believe in an older head.
            Stored(name, parse(wallet, name.removePrefix(prefix)) ?: throw GuardException.Unavailable())
        }
    }

    private class Stored(val name: String, val head: Head)

    private companion object {
        /** One for all guards of this process: two of them may share one store. */
        private val LOCK = Any()

        private fun newest(stored: List<Stored>): Stored? = stored.maxByOrNull { it.head.number }

        private fun name(head: Head): String {
            require(head.wallet.size == WALLET_BYTES && head.digest.size == DIGEST_BYTES)
            return "$PREFIX${head.wallet.hexadecimal()}_${head.number}_${head.digest.hexadecimal()}"
        }

        private fun parse(wallet: ByteArray, rest: String): Head? {
            val number = rest.substringBefore('_').toULongOrNull() ?: return null
            val digest = rest.substringAfter('_').bytesOfHexadecimal() ?: return null
            return Head(wallet, number, digest).takeIf { digest.size == DIGEST_BYTES }
        }

        private inline fun <T> available(work: () -> T): T =
            try {
                work()
            } catch (_: Throwable) {
                throw GuardException.Unavailable()
            }
    }
}
