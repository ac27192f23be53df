package org.dcep.wallet.platform

import org.dcep.wallet.GuardException
import org.dcep.wallet.Head
import org.junit.jupiter.api.Test
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull

class NamedHeadsTest {
    /** A set that the power can leave at any write. */
    private class Names : NameStore {
        val names = sortedSetOf<String>()
        var writesLeft = Int.MAX_VALUE

        override fun names(): Set<String> = names.toSet()

        override fun add(name: String) = write { names += name }

        override fun remove(name: String) = write { names -= name }

        private fun write(change: () -> Unit) {
            check(writesLeft-- > 0) { "the power is gone" }
            change()
        }
    }

    private val names = Names()
    private val guard = NamedHeads(names)
    private val wallet = ByteArray(16) { 0xab.toByte() }
    private val other = ByteArray(16) { 0xcd.toByte() }

    private fun head(number: Int, wallet: ByteArray = this.wallet, mark: Int = number) =
        Head(wallet, number.toULong(), ByteArray(32) { mark.toByte() })

    private fun assertHead(expected: Head, found: Head?) {
        assertContentEquals(expected.wallet, found?.wallet)
        assertEquals(expected.number, found?.number)
        assertContentEquals(expected.digest, found?.digest)
    }

    @Test
    fun `heads move on one by one`() {
        assertNull(guard.read(wallet))
        assertHead(head(1), guard.advance(null, head(1)))
        for (number in 2..12) assertHead(head(number), guard.advance(head(number - 1), head(number)))
        assertHead(head(12), NamedHeads(names).read(wallet))
        assertEquals(1, names.names.size)
    }

    @Test
    fun `whoever does not know the head moves nothing`() {
        guard.advance(null, head(5))
        for (known in listOf(null, head(4), head(5, mark = 6), head(6))) {
            assertHead(head(5), guard.advance(known, head(7)))
            assertHead(head(5), guard.read(wallet))
        }
    }

    @Test
    fun `a head that was known and is gone is no reason to begin anew`() {
        assertFailsWith<GuardException.Unavailable> { guard.advance(head(1), head(2)) }
        assertNull(guard.read(wallet))
    }

    @Test
    fun `wallets are apart, and other names are left alone`() {
        names.names += "somebody's"
        guard.advance(null, head(1))
        guard.advance(null, head(9, other))
        guard.advance(head(1), head(2))
        assertHead(head(2), guard.read(wallet))
        assertHead(head(9, other), guard.read(other))
        assertEquals(3, names.names.size)
    }

    @Test
    fun `power that goes at any write leaves the old head or the new one`() {
        guard.advance(null, head(1))
        for (writes in 0..1) {
            val before = guard.read(wallet)!!
            val after = head(before.number.toInt() + 1)
            names.writesLeft = writes
            assertFailsWith<GuardException.Unavailable> { guard.advance(before, after) }
            names.writesLeft = Int.MAX_VALUE
            assertHead(if (writes == 0) before else after, guard.read(wallet))
        }
        // What was left over goes with the next head.
        val current = guard.read(wallet)!!
        guard.advance(current, head(7))
        assertEquals(1, names.names.size)
    }

    @Test
    fun `a name that cannot be read is not ignored`() {
        guard.advance(null, head(1))
        names.names += names.names.single().dropLast(1)
        assertFailsWith<GuardException.Unavailable> { guard.read(wallet) }
    }
}
