package org.dcep.wallet

import org.junit.jupiter.api.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

class AmountsTest {
    @Test
    fun `amounts read what they print`() {
        assertEquals(fen(3_745), Amount.parse("37.45"))
        assertEquals("37.45", "${Amount.parse("37.45")}")
        assertFailsWith<AmountException.Malformed> { Amount.parse("37.4") }
        assertFailsWith<AmountException.TooLarge> { Amount.parse("90071992547409.92") }
    }

    @Test
    fun `amounts are compared and added, and never too large`() {
        assertTrue(fen(3_745) < fen(3_746) && Amount.ZERO < fen(1))
        assertEquals(fen(3_800), fen(3_745) + fen(55))
        assertEquals(largestAmount(), Amount(largestAmount().fen - 1uL) + fen(1))
        assertFailsWith<AmountException.TooLarge> { largestAmount() + fen(1) }
        assertFailsWith<AmountException.TooLarge> { fen(1) + Amount(ULong.MAX_VALUE) }
    }

    @Test
    fun `less than nothing is none`() {
        assertEquals(fen(45), fen(3_745).minusOrNull(fen(3_700)))
        assertEquals(Amount.ZERO, fen(1).minusOrNull(fen(1)))
        assertEquals(null, fen(1).minusOrNull(fen(2)))
    }
}
