package org.dcep.wallet.android

import android.app.Application
import android.content.pm.PackageManager
import android.os.Build
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Assurance
import org.dcep.wallet.Confirmation
import org.dcep.wallet.SignRequest
import org.dcep.wallet.VaultException
import org.dcep.wallet.VaultKey
import org.dcep.wallet.platform.hexadecimal
import org.junit.After
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.Shadows.shadowOf
import org.robolectric.annotation.Config
import java.security.Signature
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertNotEquals
import kotlin.test.assertTrue

@RunWith(RobolectricTestRunner::class)
@Config(sdk = [26, 35])
class AndroidKeystoreVaultTest {
    private val keystore = FakeKeystore()
    private val app: Application = RuntimeEnvironment.getApplication()
    private val wallet = ByteArray(16) { 1 }
    private val other = ByteArray(16) { 2 }

    @After
    fun close() = keystore.close()

    private fun vault(protection: KeyProtection = KeyProtection.Open, prompt: HolderPrompt? = null) =
        AndroidKeystoreVault(app, protection, "challenge".toByteArray(), prompt)

    private fun entry(key: VaultKey) = keystore.entries.getValue("dcep_key_" + key.handle.hexadecimal())

    private fun AndroidKeystoreVault.key() = createKey(wallet, Algorithm.P256)

    private fun AndroidKeystoreVault.sign(vararg keys: VaultKey) =
        signAll(keys.map { SignRequest(it.handle, "dcep/1/test".toByteArray()) })

    @Test
    fun keys_sign() {
        val vault = vault()
        val keys = listOf(vault.key(), vault.key())
        val signatures = vault.sign(keys[1], keys[0])
        for ((key, signature) in listOf(keys[1], keys[0]).zip(signatures)) {
            val check = Signature.getInstance("SHA256withECDSA", SOFTWARE)
            check.initVerify(entry(key).pair!!.public)
            check.update("dcep/1/test".toByteArray())
            assertTrue(check.verify(signature))
        }
        assertEquals(65, keys[0].publicKey.size)
        assertEquals(4, keys[0].publicKey[0])
        assertNotEquals(keys[0].publicKey.toList(), keys[1].publicKey.toList())
        assertTrue(vault.sign().isEmpty())
    }

    @Test
    fun there_is_no_ed25519() {
        assertFailsWith<VaultException.Unavailable> { vault().createKey(wallet, Algorithm.ED25519) }
    }

    @Test
    fun strong_box_is_used_where_there_is_one() {
        assertEquals(Assurance.TRUSTED_ENVIRONMENT, vault().key().assurance)
        if (Build.VERSION.SDK_INT < 28) return
        shadowOf(app.packageManager).setSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE, true)
        assertEquals(Assurance.SECURE_ELEMENT, vault().key().assurance)
        keystore.isStrongBoxFull = true
        assertEquals(Assurance.TRUSTED_ENVIRONMENT, vault().key().assurance)
    }

    @Test
    fun keys_are_attested_over_the_challenge() {
        val vault = vault()
        val key = vault.key()
        assertContentEquals("challenge".toByteArray(), entry(key).specification.attestationChallenge)
        assertContentEquals(entry(key).pair!!.public.encoded, vault.attestationChain(key.handle).single())
        vault.deleteKey(key.handle)
        assertFailsWith<VaultException.KeyInvalidated> { vault.attestationChain(key.handle) }
    }

    @Test
    fun keys_are_listed_by_wallet() {
        val vault = vault()
        val key = vault.key()
        assertContentEquals(key.handle, vault.listKeys(wallet).single())
        assertTrue(vault.listKeys(other).isEmpty())
    }

    @Test
    fun a_deleted_key_is_gone_and_takes_no_other_along() {
        val vault = vault()
        val (gone, here) = vault.key() to vault.key()
        repeat(2) { assertContentEquals(gone.handle, vault.deleteKey(gone.handle)) }
        assertFailsWith<VaultException.KeyInvalidated> { vault.sign(here, gone) }
        assertEquals(1, vault.sign(here).size)
        assertContentEquals(here.handle, vault.listKeys(wallet).single())
    }

    @Test
    fun a_key_that_new_biometrics_destroyed_is_gone() {
        val vault = vault(KeyProtection.HolderPresent(60, biometricsOnly = true))
        val key = vault.key()
        assertTrue(entry(key).specification.isUserAuthenticationRequired)
        assertTrue(entry(key).specification.isInvalidatedByBiometricEnrollment)
        entry(key).isInvalidated = true
        assertFailsWith<VaultException.KeyInvalidated> { vault.sign(key) }
        assertTrue(vault.listKeys(wallet).isEmpty())
    }

    @Test
    fun a_key_that_waits_for_its_holder_is_not_gone() {
        val vault = vault(KeyProtection.HolderPresent(60))
        val key = vault.key()
        entry(key).wantsHolder = true
        assertFailsWith<VaultException.Locked> { vault.sign(key) }
        assertContentEquals(key.handle, vault.listKeys(wallet).single())
    }

    @Test
    fun a_keystore_that_does_not_answer_has_lost_nothing() {
        val vault = vault()
        val key = vault.key()
        val wrapped = vault.wrap(ByteArray(32))
        keystore.isDeaf = true
        assertFailsWith<VaultException.Unavailable> { vault.listKeys(wallet) }
        assertFailsWith<VaultException.Unavailable> { vault.sign(key) }
        assertFailsWith<VaultException.Unavailable> { vault.wrap(ByteArray(32)) }
        assertFailsWith<VaultException.Unavailable> { vault.unwrap(wrapped) }
        keystore.isDeaf = false
        assertEquals(1, vault.sign(key).size)
        assertContentEquals(ByteArray(32), vault.unwrap(wrapped))
    }

    @Test
    fun data_keys_come_back_and_nothing_else_does() {
        val vault = vault()
        val dataKey = ByteArray(32) { it.toByte() }
        val wrapped = vault.wrap(dataKey)
        assertContentEquals(dataKey, vault().unwrap(wrapped))
        for (at in wrapped.indices) {
            val changed = wrapped.copyOf().also { it[at] = (it[at].toInt() xor 1).toByte() }
            assertFailsWith<VaultException.WrongKey> { vault.unwrap(changed) }
            assertFailsWith<VaultException.WrongKey> { vault.unwrap(wrapped.copyOf(at)) }
        }
        assertEquals(1, keystore.entries.keys.count { it.startsWith("dcep_wrap_") })
    }

    @Test
    fun the_holder_is_asked_and_may_decline() {
        val what = Confirmation.Exactly(Amount(1255uL))
        assertEquals(Amount(1255uL), vault().authorize(what))
        val asked = mutableListOf<Confirmation>()
        vault(prompt = { asked += it }).authorize(what)
        assertEquals(listOf<Confirmation>(what), asked)
        val no = vault(prompt = { throw VaultException.UserCancelled() })
        assertFailsWith<VaultException.UserCancelled> { no.authorize(what) }
        assertFailsWith<VaultException.Unavailable> { vault(prompt = { TODO() }).authorize(what) }
    }
}
