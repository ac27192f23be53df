package org.dcep.wallet.platform

import java.math.BigInteger
import java.security.interfaces.ECPublicKey

private const val COORDINATE_BYTES = 32

/** The point of a P-256 key, uncompressed as SEC 1 writes it: 65 bytes, of which the first is 4. */
@InternalWalletApi
public fun ECPublicKey.uncompressedPoint(): ByteArray =
    byteArrayOf(4) + w.affineX.coordinate() + w.affineY.coordinate()

private fun BigInteger.coordinate(): ByteArray {
    val bytes = toByteArray().dropWhile { it == 0.toByte() }
    require(bytes.size <= COORDINATE_BYTES) { "not a point of P-256" }
    return ByteArray(COORDINATE_BYTES - bytes.size) + bytes
}
