package org.dcep.wallet.android

import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import org.dcep.wallet.platform.NameStore
import java.security.KeyStore
import javax.crypto.KeyGenerator

internal const val KEYSTORE = "AndroidKeyStore"

/** Is always there, so that a list without it is known not to be complete. */
private const val CENSUS = "dcep_census"

/**
 * Names in the Android Keystore: each is the alias of a key that is never used for anything.
 *
 * The Keystore is in no backup, and cannot be copied from one device to another with the app's files. Its list of aliases
 * has a flaw: where it cannot be read, Android returns an empty one. Therefore one alias is always there, and a list
 * without it is an error.
 */
internal class KeystoreNames(private val keyStore: KeyStore = openKeystore()) : NameStore {
    override fun names(): Set<String> {
        val first = aliases()
        if (CENSUS in first) return first
        // The first time, or it was not readable just now. The key says nothing: made anew, it does no harm.
        add(CENSUS)
        return aliases().also { check(CENSUS in it) { "the Keystore does not list what it has" } }
    }

    override fun add(name: String) {
        makeAesKey(name, bits = 128)
    }

    override fun remove(name: String) {
        keyStore.deleteEntry(name)
    }

    private fun aliases(): Set<String> = keyStore.aliases().toList().toSet()
}

/** Makes a key for AES-GCM in the Keystore, under this alias. */
internal fun makeAesKey(alias: String, bits: Int) {
    val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
    val generator = KeyGenerator.getInstance(KeyProperties.KEY_ALGORITHM_AES, KEYSTORE)
    generator.init(
        KeyGenParameterSpec.Builder(alias, purposes)
            .setKeySize(bits)
            .setBlockModes(KeyProperties.BLOCK_MODE_GCM)
            .setEncryptionPaddings(KeyProperties.ENCRYPTION_PADDING_NONE)
            .build(),
    )
    generator.generateKey()
}

/** The Keystore of this app. */
internal fun openKeystore(): KeyStore = KeyStore.getInstance(KEYSTORE).apply { load(null) }
