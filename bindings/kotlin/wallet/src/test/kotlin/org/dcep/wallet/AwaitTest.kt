package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.lang.reflect.Modifier
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Every call that may block has its form for coroutines. */
class AwaitTest {
    /** The calls of a wallet, and what makes one. */
    private val calls = listOf(
        WalletInterface::class.java, LockedWalletInterface::class.java, Wallet.Companion::class.java, LockedWallet.Companion::class.java,
    ).flatMap { it.declaredMethods.toList() }
        .filter { Modifier.isPublic(it.modifiers) && !it.isSynthetic }
        .map { it.name.plain }.toSet()

    /** The functions of the package's files. */
    private val forms = packageClasses.filter { it.simpleName.endsWith("Kt") }
        .flatMap { it.methods.toList() }
        .map { it.name.plain }.toSet()

    /** Kotlin writes what a function takes behind its name if Java has no word for it. */
    private val String.plain get() = substringBefore('-')

    @Test
    fun `every call has a form for coroutines`() {
        // These two only look at the object.
        val blocking = calls - setOf("openReport", "setObserver")
        assertTrue(blocking.size > 40, "only ${blocking.size} were found")
        assertEquals(emptySet(), blocking.map { "${it}Await" }.toSet() - forms)
    }
}
