package org.dcep.wallet.android

import android.content.Context
import android.content.pm.PackageManager
import android.os.Build
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyInfo
import android.security.keystore.KeyProperties
import android.security.keystore.StrongBoxUnavailableException
import org.dcep.wallet.Assurance
import java.security.KeyFactory
import java.security.KeyPair
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.spec.ECGenParameterSpec

/** A key pair, and where its private half lives. */
internal class Made(val pair: KeyPair, val assurance: Assurance)

/** Makes signing keys in the Keystore, in the best hardware that is there. */
internal class KeyMaker(
    private val context: Context,
    private val protection: KeyProtection,
    private val attestationChallenge: ByteArray?,
) {
    fun make(alias: String): Made {
        val inStrongBox = if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.P) {
            StrongBox.make(context, specification(alias), ::generate)
        } else {
            null
        }
        val pair = inStrongBox ?: generate(specification(alias))
        return Made(pair, assurance(pair.private, isStrongBox = inStrongBox != null))
    }

    private fun specification(alias: String): KeyGenParameterSpec.Builder {
        val builder = KeyGenParameterSpec.Builder(alias, KeyProperties.PURPOSE_SIGN)
            .setAlgorithmParameterSpec(ECGenParameterSpec("secp256r1"))
            .setDigests(KeyProperties.DIGEST_SHA256)
        attestationChallenge?.let(builder::setAttestationChallenge)
        if (protection is KeyProtection.HolderPresent) protect(builder, protection)
        return builder
    }

    private fun protect(builder: KeyGenParameterSpec.Builder, protection: KeyProtection.HolderPresent) {
        builder.setUserAuthenticationRequired(true)
        builder.setInvalidatedByBiometricEnrollment(true)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.R) {
            val code = if (protection.biometricsOnly) 0 else KeyProperties.AUTH_DEVICE_CREDENTIAL
            val proofs = KeyProperties.AUTH_BIOMETRIC_STRONG or code
            builder.setUserAuthenticationParameters(protection.seconds, proofs)
        } else {
            @Suppress("DEPRECATION")
            builder.setUserAuthenticationValidityDurationSeconds(protection.seconds)
        }
    }

    private fun generate(specification: KeyGenParameterSpec.Builder): KeyPair {
        val generator = KeyPairGenerator.getInstance(KeyProperties.KEY_ALGORITHM_EC, KEYSTORE)
        generator.initialize(specification.build())
        return generator.generateKeyPair()
    }

    /** As the Keystore itself says; whether it is true, only the operator can tell, by the attestation. */
    private fun assurance(key: PrivateKey, isStrongBox: Boolean): Assurance {
        val info = KeyFactory.getInstance(key.algorithm, KEYSTORE).getKeySpec(key, KeyInfo::class.java)
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.S) {
            return when (info.securityLevel) {
                KeyProperties.SECURITY_LEVEL_STRONGBOX -> Assurance.SECURE_ELEMENT
                KeyProperties.SECURITY_LEVEL_TRUSTED_ENVIRONMENT -> Assurance.TRUSTED_ENVIRONMENT
                else -> Assurance.SOFTWARE
            }
        }
        @Suppress("DEPRECATION")
        return when {
            !info.isInsideSecureHardware -> Assurance.SOFTWARE
            isStrongBox -> Assurance.SECURE_ELEMENT
            else -> Assurance.TRUSTED_ENVIRONMENT
        }
    }
}

/** Knows classes that Android has from 9 on: not to be touched before. */
private object StrongBox {
    /** `null` if there is no StrongBox, or if it is full or cannot do this: the trusted environment can. */
    fun make(
        context: Context,
        specification: KeyGenParameterSpec.Builder,
        generate: (KeyGenParameterSpec.Builder) -> KeyPair,
    ): KeyPair? {
        if (!context.packageManager.hasSystemFeature(PackageManager.FEATURE_STRONGBOX_KEYSTORE)) return null
        return try {
            generate(specification.setIsStrongBoxBacked(true))
        } catch (_: StrongBoxUnavailableException) {
            null
        }
    }
}
