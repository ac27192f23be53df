package org.dcep.wallet.android

import android.app.Application
import org.dcep.wallet.GuardException
import org.dcep.wallet.Head
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNull

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class KeystoreRollbackGuardTest {
    private val keystore = FakeKeystore()
    private val app: Application = RuntimeEnvironment.getApplication()
    private val wallet = ByteArray(16) { 9 }

    @After
    fun close() = keystore.close()

    private fun head(number: Int) = Head(wallet, number.toULong(), ByteArray(32) { number.toByte() })

    private fun assertHead(expected: Head, found: Head?) {
        assertEquals(expected.number, found?.number)
        assertContentEquals(expected.digest, found?.digest)
    }

    @Test
    fun the_head_lives_in_the_keystore() {
        val guard = KeystoreRollbackGuard(app)
        assertNull(guard.read(wallet))
        assertHead(head(1), guard.advance(null, head(1)))
        assertHead(head(2), guard.advance(head(1), head(2)))
        assertHead(head(2), KeystoreRollbackGuard(app).read(wallet))
        // One alias for the head, and the one that shows that the list is whole.
        assertEquals(2, keystore.entries.size)
    }

    @Test
    fun a_keystore_that_does_not_answer_is_not_an_empty_one() {
        val guard = KeystoreRollbackGuard(app)
        guard.advance(null, head(1))
        keystore.isDeaf = true
        assertFailsWith<GuardException.Unavailable> { guard.read(wallet) }
        assertFailsWith<GuardException.Unavailable> { guard.advance(null, head(2)) }
        keystore.isDeaf = false
        keystore.hidesNames = true
        assertFailsWith<GuardException.Unavailable> { guard.read(wallet) }
        assertFailsWith<GuardException.Unavailable> { guard.advance(null, head(2)) }
        keystore.hidesNames = false
        assertHead(head(1), guard.read(wallet))
    }
}
