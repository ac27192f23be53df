package org.dcep.wallet.android

import android.content.Context
import org.dcep.wallet.Algorithm
import org.dcep.wallet.Amount
import org.dcep.wallet.Confirmation
import org.dcep.wallet.KeyVault
import org.dcep.wallet.SignRequest
import org.dcep.wallet.VaultException
import org.dcep.wallet.VaultKey
import org.dcep.wallet.platform.bytesOfHexadecimal
import org.dcep.wallet.platform.hexadecimal
import org.dcep.wallet.platform.uncompressedPoint
import java.security.PrivateKey
import java.security.SecureRandom
import java.security.Signature
import java.security.interfaces.ECPublicKey

private const val WALLET_BYTES = 16
private const val NAME_BYTES = 16
private const val SIGNATURE = "SHA256withECDSA"

/**
 * Keeps the wallet's keys in the Android Keystore: P-256, in StrongBox where the phone has one, else in the trusted
 * environment.
 *
 * Calls block, with StrongBox for hundreds of milliseconds; not for the main thread. May be called from any thread.
 *
 * @param context any context of the app.
 * @param protection what the Keystore asks for before a key signs.
 * @param attestationChallenge from the operator, 128 bytes at most: each key made is attested over it, see
 * [attestationChain]. `null`: keys are not attested.
 * @param prompt asks the holder before a payment; `null`: whoever holds the phone may pay.
 */
public class AndroidKeystoreVault(
    context: Context,
    private val protection: KeyProtection = KeyProtection.Open,
    attestationChallenge: ByteArray? = null,
    private val prompt: HolderPrompt? = null,
) : KeyVault {
    private val keyStore = openKeystore()
    private val names = KeystoreNames(keyStore)
    private val maker = KeyMaker(context, protection, attestationChallenge)
    private val wrapper = KeyWrapper(keyStore, names)
    private val random = SecureRandom()

    override fun createKey(wallet: ByteArray, algorithm: Algorithm): VaultKey = vaultErrors {
        // Android hardware has no Ed25519 that could be counted on.
        if (algorithm != Algorithm.P256 || wallet.size != WALLET_BYTES) throw VaultException.Unavailable()
        val handle = wallet + ByteArray(NAME_BYTES).also(random::nextBytes)
        val made = maker.make(alias(handle))
        VaultKey(
            handle = handle,
            publicKey = (made.pair.public as ECPublicKey).uncompressedPoint(),
            algorithm = Algorithm.P256,
            assurance = made.assurance,
        )
    }

    override fun signAll(requests: List<SignRequest>): List<ByteArray> = vaultErrors {
        // First all keys, then all signatures: a key that is gone is no reason to have used another.
        val keys = requests.map { privateKey(it.key) }
        val signers = keys.map { key -> Signature.getInstance(SIGNATURE).apply { initSign(key) } }
        signers.zip(requests) { signer, request ->
            signer.update(request.message)
            signer.sign()
        }
    }

    override fun listKeys(wallet: ByteArray): List<ByteArray> = vaultErrors {
        names.names().mapNotNull(::handle).filter { it.belongsTo(wallet) && canSign(it) }
    }

    override fun deleteKey(handle: ByteArray): ByteArray = vaultErrors {
        if (handle.isOurs) keyStore.deleteEntry(alias(handle))
        handle
    }

    override fun authorize(what: Confirmation): Amount = vaultErrors {
        prompt?.confirm(what)
        when (what) {
            is Confirmation.UpTo -> what.amount
            is Confirmation.Exactly -> what.amount
            is Confirmation.Request -> what.amount
        }
    }

    override fun wrap(dataKey: ByteArray): ByteArray = vaultErrors { wrapper.wrap(dataKey) }

    override fun unwrap(wrapped: ByteArray): ByteArray = vaultErrors { wrapper.unwrap(wrapped) }

    /**
     * What the phone's maker attests about a key, to be sent to the operator: certificates in DER, that of the key first, the
     * maker's root last.
     *
     * @param handle of the key, as the wallet got it.
     * @throws VaultException `KeyInvalidated` if there is no such key.
     */
    @Throws(VaultException::class)
    public fun attestationChain(handle: ByteArray): List<ByteArray> = vaultErrors {
        val chain = handle.takeIf { it.isOurs }?.let { keyStore.getCertificateChain(alias(it)) }
        chain?.map { it.encoded } ?: throw VaultException.KeyInvalidated()
    }

    private fun privateKey(handle: ByteArray): PrivateKey {
        if (!handle.isOurs) throw VaultException.KeyInvalidated()
        val alias = alias(handle)
        val key = keyStore.getKey(alias, null)
        if (key != null) return key as PrivateKey
        // Where it cannot be asked, the Keystore also says that there is no such key.
        throw if (alias in names.names()) VaultException.Unavailable() else VaultException.KeyInvalidated()
    }

    /** Not so a key that was destroyed; so one that waits for its holder. */
    private fun canSign(handle: ByteArray): Boolean =
        try {
            vaultErrors { Signature.getInstance(SIGNATURE).initSign(privateKey(handle)) }
            true
        } catch (_: VaultException.KeyInvalidated) {
            false
        } catch (locked: VaultException.Locked) {
            if (protection is KeyProtection.Open) throw locked
            true
        }

    internal companion object {
        private const val PREFIX = "dcep_key_"

        private val ByteArray.isOurs: Boolean get() = size == WALLET_BYTES + NAME_BYTES

        private fun ByteArray.belongsTo(wallet: ByteArray) = copyOf(WALLET_BYTES).contentEquals(wallet)

        private fun alias(handle: ByteArray): String = PREFIX + handle.hexadecimal()

        private fun handle(alias: String): ByteArray? =
            alias.takeIf { it.startsWith(PREFIX) }?.removePrefix(PREFIX)?.bytesOfHexadecimal()?.takeIf { it.isOurs }
    }
}
