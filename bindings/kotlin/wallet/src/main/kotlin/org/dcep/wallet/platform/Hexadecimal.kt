package org.dcep.wallet.platform

private const val DIGITS = "0123456789abcdef"

/** Two lower-case digits per byte. */
@InternalWalletApi
public fun ByteArray.hexadecimal(): String = buildString(size * 2) {
    for (byte in this@hexadecimal) {
        val value = byte.toInt() and 0xff
        append(DIGITS[value shr 4]).append(DIGITS[value and 0xf])
    }
}

/** The bytes that [hexadecimal] wrote; `null` for anything else. */
@InternalWalletApi
public fun String.bytesOfHexadecimal(): ByteArray? {
    if (length % 2 != 0 || any { it !in DIGITS }) return null
    return ByteArray(length / 2) { at ->
        (DIGITS.indexOf(this[2 * at]) * 16 + DIGITS.indexOf(this[2 * at + 1])).toByte()
    }
}
