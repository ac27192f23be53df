package org.dcep.wallet.android

import org.dcep.wallet.VaultException
import org.dcep.wallet.platform.bytesOfHexadecimal
import org.dcep.wallet.platform.hexadecimal
import java.security.KeyStore
import java.security.SecureRandom
import javax.crypto.AEADBadTagException
import javax.crypto.Cipher
import javax.crypto.SecretKey
import javax.crypto.spec.GCMParameterSpec

private const val PREFIX = "dcep_wrap_"
private const val VERSION: Byte = 1
private const val NAME_BYTES = 16
private const val IV_BYTES = 12
private const val TAG_BITS = 128
private const val AES_BITS = 256
private const val CIPHER = "AES/GCM/NoPadding"

/**
 * Wraps data keys with an AES key of the Keystore. What is wrapped begins with the name of that key, so that a key that is
 * gone can be told from bytes that are somebody else's, and no key is ever made over one that is only hard to find now.
 *
 * The key asks for no holder: without it the wallet could not even be opened to say that the holder is needed.
 */
internal class KeyWrapper(private val keyStore: KeyStore, private val names: KeystoreNames) {
    fun wrap(dataKey: ByteArray): ByteArray {
        val alias = current()
        val cipher = Cipher.getInstance(CIPHER)
        cipher.init(Cipher.ENCRYPT_MODE, key(alias) ?: throw VaultException.Unavailable())
        val head = byteArrayOf(VERSION) + checkNotNull(alias.removePrefix(PREFIX).bytesOfHexadecimal())
        cipher.updateAAD(head)
        val sealed = cipher.doFinal(dataKey)
        check(cipher.iv.size == IV_BYTES)
        return head + cipher.iv + sealed
    }

    fun unwrap(wrapped: ByteArray): ByteArray {
        val headBytes = 1 + NAME_BYTES
        if (wrapped.size <= headBytes + IV_BYTES || wrapped[0] != VERSION) throw VaultException.WrongKey()
        val alias = PREFIX + wrapped.copyOfRange(1, headBytes).hexadecimal()
        val key = key(alias)
            ?: throw if (alias in names.names()) VaultException.Unavailable() else VaultException.WrongKey()
        val cipher = Cipher.getInstance(CIPHER)
        val iv = wrapped.copyOfRange(headBytes, headBytes + IV_BYTES)
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, iv))
        try {
            cipher.updateAAD(wrapped.copyOf(headBytes))
            return cipher.doFinal(wrapped, headBytes + IV_BYTES, wrapped.size - headBytes - IV_BYTES)
        } catch (_: AEADBadTagException) {
            throw VaultException.WrongKey()
        }
    }

    private fun key(alias: String): SecretKey? = keyStore.getKey(alias, null) as SecretKey?

    /** The key that wraps now, made if there is none. */
    private fun current(): String = synchronized(LOCK) {
        // The first one, if two processes once made one each.
        names.names().filter { it.startsWith(PREFIX) }.minOrNull() ?: make()
    }

    private fun make(): String {
        val alias = PREFIX + ByteArray(NAME_BYTES).also(SecureRandom()::nextBytes).hexadecimal()
        makeAesKey(alias, AES_BITS)
        return alias
    }

    private companion object {
        private val LOCK = Any()
    }
}
