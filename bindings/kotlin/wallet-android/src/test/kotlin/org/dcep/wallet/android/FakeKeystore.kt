package org.dcep.wallet.android

import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyPermanentlyInvalidatedException
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import android.security.keystore.UserNotAuthenticatedException
import org.robolectric.shadow.api.Shadow
import org.robolectric.util.ReflectionHelpers
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyFactorySpi
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.KeyPairGeneratorSpi
import java.security.KeyStoreSpi
import java.security.PrivateKey
import java.security.Provider
import java.security.PublicKey
import java.security.SecureRandom
import java.security.Security
import java.security.Signature
import java.security.SignatureSpi
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.security.spec.ECGenParameterSpec
import java.security.spec.KeySpec
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** Who really makes and uses the keys: the provider that Robolectric puts before those of the JVM. */
internal const val SOFTWARE = "BC"

/**
 * A Keystore in memory, under the name of the real one, which a JVM does not have. It fails in the ways of the real one, as
 * they stand in the class files of Android 8 and Android 15: a list that cannot be read is empty, and a key that was destroyed
 * says so when it is fetched (from Android 12 on) or used (before).
 */
internal class FakeKeystore : AutoCloseable {
    class Entry(val key: Key, val pair: KeyPair?, val specification: KeyGenParameterSpec) {
        var isInvalidated = false
        var wantsHolder = false
    }

    val entries = sortedMapOf<String, Entry>()
    var isStrongBoxFull = false

    /** The service behind it does not answer. */
    var isDeaf = false

    /** It answers, but does not list what it has. */
    var hidesNames = false

    private val provider = FakeProvider(this)

    init {
        Security.removeProvider(KEYSTORE)
        Security.insertProviderAt(provider, 1)
    }

    override fun close() {
        Security.removeProvider(KEYSTORE)
    }

    fun generated(specification: KeyGenParameterSpec, key: Key, pair: KeyPair?) {
        if (isDeaf) throw java.security.ProviderException("deaf")
        if (Build.VERSION.SDK_INT >= 28 && specification.isStrongBoxBacked && isStrongBoxFull) {
            throw StrongBoxUnavailableException()
        }
        entries[specification.keystoreAlias] = Entry(key, pair, specification)
    }

    fun fetch(alias: String): Key? {
        val entry = entries[alias].takeUnless { isDeaf } ?: return null
        if (entry.isInvalidated && Build.VERSION.SDK_INT >= 31) throw UnrecoverableKeyException("destroyed")
        return entry.key
    }

    /** A private key of which only the name is outside. */
    class HiddenKey(val keystore: FakeKeystore, val alias: String, val inside: PrivateKey) : PrivateKey {
        override fun getAlgorithm() = "EC"
        override fun getFormat() = null
        override fun getEncoded() = null
    }
}

private class FakeProvider(private val keystore: FakeKeystore) : Provider(KEYSTORE, "1", "for tests") {
    init {
        service("KeyStore", KEYSTORE) { FakeKeyStoreSpi(keystore) }
        service("KeyPairGenerator", "EC") { FakePairGenerator(keystore) }
        service("KeyGenerator", "AES") { FakeGenerator(keystore) }
        service("KeyFactory", "EC") { FakeFactory() }
        service("Signature", "SHA256withECDSA") { FakeSignature() }
    }

    private fun service(type: String, algorithm: String, make: () -> Any) {
        val attributes = if (type == "Signature") {
            mapOf("SupportedKeyClasses" to FakeKeystore.HiddenKey::class.java.name)
        } else {
            emptyMap()
        }
        putService(object : Service(this, type, algorithm, make().javaClass.name, null, attributes) {
            override fun newInstance(constructorParameter: Any?): Any = make()

            override fun supportsParameter(parameter: Any?): Boolean =
                type != "Signature" || parameter is FakeKeystore.HiddenKey
        })
    }
}

private class FakeKeyStoreSpi(private val keystore: FakeKeystore) : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? = keystore.fetch(alias)

    override fun engineGetCertificateChain(alias: String): Array<Certificate>? =
        keystore.entries[alias]?.pair?.let { pair -> arrayOf(FakeCertificate(pair.public)) }

    override fun engineGetCertificate(alias: String): Certificate? = engineGetCertificateChain(alias)?.first()

    override fun engineAliases(): Enumeration<String> =
        Collections.enumeration(if (keystore.isDeaf || keystore.hidesNames) emptyList() else keystore.entries.keys.toList())

    override fun engineContainsAlias(alias: String) = !keystore.isDeaf && alias in keystore.entries

    override fun engineDeleteEntry(alias: String) {
        keystore.entries.remove(alias)
    }

    override fun engineSize() = keystore.entries.size
    override fun engineIsKeyEntry(alias: String) = alias in keystore.entries
    override fun engineIsCertificateEntry(alias: String) = false
    override fun engineGetCreationDate(alias: String): Date? = null
    override fun engineGetCertificateAlias(certificate: Certificate?): String? = null
    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineStore(stream: OutputStream?, password: CharArray?) = error("the Keystore is not stored")
    override fun engineSetKeyEntry(a: String?, k: Key?, p: CharArray?, c: Array<out Certificate>?) = error("not used")
    override fun engineSetKeyEntry(a: String?, k: ByteArray?, c: Array<out Certificate>?) = error("not used")
    override fun engineSetCertificateEntry(a: String?, c: Certificate?) = error("not used")
}

private class FakeCertificate(private val key: PublicKey) : Certificate("X.509") {
    override fun getEncoded(): ByteArray = key.encoded
    override fun verify(key: PublicKey?) = Unit
    override fun verify(key: PublicKey?, provider: String?) = Unit
    override fun toString() = "a certificate"
    override fun getPublicKey() = key
}

private class FakePairGenerator(private val keystore: FakeKeystore) : KeyPairGeneratorSpi() {
    private lateinit var specification: KeyGenParameterSpec

    override fun initialize(size: Int, random: SecureRandom?) = error("not used")

    override fun initialize(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        specification = parameters as KeyGenParameterSpec
    }

    override fun generateKeyPair(): KeyPair {
        val generator = KeyPairGenerator.getInstance("EC", SOFTWARE)
        generator.initialize(specification.algorithmParameterSpec as ECGenParameterSpec)
        val inside = generator.generateKeyPair()
        val hidden = FakeKeystore.HiddenKey(keystore, specification.keystoreAlias, inside.private)
        val pair = KeyPair(inside.public, hidden)
        keystore.generated(specification, hidden, pair)
        return pair
    }
}

private class FakeGenerator(private val keystore: FakeKeystore) : KeyGeneratorSpi() {
    private lateinit var specification: KeyGenParameterSpec

    override fun engineInit(random: SecureRandom?) = error("not used")
    override fun engineInit(size: Int, random: SecureRandom?) = error("not used")

    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        specification = parameters as KeyGenParameterSpec
    }

    override fun engineGenerateKey(): SecretKey {
        val key = SecretKeySpec(ByteArray(32).also(SecureRandom()::nextBytes), "AES")
        keystore.generated(specification, key, null)
        return key
    }
}

private class FakeFactory : KeyFactorySpi() {
    @Suppress("UNCHECKED_CAST")
    override fun <T : KeySpec> engineGetKeySpec(key: Key, kind: Class<T>): T {
        key as FakeKeystore.HiddenKey
        val isStrongBox = Build.VERSION.SDK_INT >= 28 &&
            key.keystore.entries.getValue(key.alias).specification.isStrongBoxBacked
        val info = Shadow.newInstanceOf(KeyInfo::class.java)
        if (Build.VERSION.SDK_INT >= 31) {
            val level = if (isStrongBox) {
                KeyProperties.SECURITY_LEVEL_STRONGBOX
            } else {
                KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT
            }
            ReflectionHelpers.setField(info, "mSecurityLevel", level)
        } else {
            ReflectionHelpers.setField(info, "mInsideSecureHardware", true)
        }
        return info as T
    }

    override fun engineGeneratePublic(specification: KeySpec?) = error("not used")
    override fun engineGeneratePrivate(specification: KeySpec?) = error("not used")
    override fun engineTranslateKey(key: Key?) = error("not used")
}

private class FakeSignature : SignatureSpi() {
    private val signature = Signature.getInstance("SHA256withECDSA", SOFTWARE)

    override fun engineInitSign(key: PrivateKey) {
        key as FakeKeystore.HiddenKey
        val entry = key.keystore.entries.getValue(key.alias)
        if (entry.isInvalidated) throw KeyPermanentlyInvalidatedException()
        if (entry.wantsHolder) throw UserNotAuthenticatedException()
        signature.initSign(key.inside)
    }

    override fun engineUpdate(byte: Byte) = signature.update(byte)
    override fun engineUpdate(bytes: ByteArray, from: Int, count: Int) = signature.update(bytes, from, count)
    override fun engineSign(): ByteArray = signature.sign()
    override fun engineInitVerify(key: PublicKey?) = error("not used")
    override fun engineVerify(bytes: ByteArray?) = error("not used")

    @Deprecated("of the interface")
    override fun engineSetParameter(name: String?, value: Any?) = error("not used")

    @Deprecated("of the interface")
    override fun engineGetParameter(name: String?) = error("not used")
}
