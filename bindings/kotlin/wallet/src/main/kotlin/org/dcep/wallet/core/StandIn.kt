// Stands in for the generated code until it is there, with the same names and shapes. To be deleted then.
package org.dcep.wallet.core

data class Amount(val fen: ULong)

enum class Algorithm { ED25519, P256 }

enum class Assurance { SOFTWARE, TRUSTED_ENVIRONMENT, SECURE_ELEMENT }

data class VaultKey(
    val handle: ByteArray,
    val publicKey: ByteArray,
    val algorithm: Algorithm,
    val assurance: Assurance,
)

data class SignRequest(val key: ByteArray, val message: ByteArray)

sealed class Confirmation {
    data class UpTo(val amount: Amount) : Confirmation()

    data class Exactly(val amount: Amount) : Confirmation()

    data class Request(val request: String, val amount: Amount) : Confirmation()
}

sealed class VaultException : Exception() {
    class UserCancelled : VaultException()

    class Locked : VaultException()

    class KeyInvalidated : VaultException()

    class Unavailable : VaultException()

    class WrongKey : VaultException()

    class Misbehaved : VaultException()
}

interface KeyVault {
    fun createKey(wallet: ByteArray, algorithm: Algorithm): VaultKey

    fun signAll(requests: List<SignRequest>): List<ByteArray>

    fun listKeys(wallet: ByteArray): List<ByteArray>?

    fun deleteKey(handle: ByteArray): ByteArray

    fun authorize(what: Confirmation): Amount

    fun wrap(dataKey: ByteArray): ByteArray

    fun unwrap(wrapped: ByteArray): ByteArray
}

data class Head(val wallet: ByteArray, val number: ULong, val digest: ByteArray)

sealed class GuardException : Exception() {
    class Unavailable : GuardException()
}

interface RollbackGuard {
    fun read(wallet: ByteArray): Head?

    fun advance(known: Head?, head: Head): Head
}

sealed class TransportException : Exception() {
    class Unreachable : TransportException()

    class TimedOut : TransportException()

    class Status(val status: UShort) : TransportException()
}

interface BankTransport {
    fun call(call: ByteArray): ByteArray

    fun trust(): ByteArray
}

sealed class ClockException : Exception() {
    class Unavailable : ClockException()
}

interface Clock {
    fun now(): ULong
}
