package org.dcep.wallet

/*
 * Money is counted in whole fen: nothing here makes or takes a floating-point number.
 */

/** Nothing. */
public val Amount.Companion.ZERO: Amount get() = Amount(0uL)

/**
 * Reads yuan with exactly two decimals, such as `37.45`: what an amount prints.
 *
 * @throws AmountException which says why it is none.
 */
@Throws(AmountException::class)
public fun Amount.Companion.parse(yuan: String): Amount = parseAmount(yuan)

/** Which is less money. */
public operator fun Amount.compareTo(other: Amount): Int = fen.compareTo(other.fen)

/**
 * The sum.
 *
 * @throws AmountException `TooLarge` above [largestAmount].
 */
@Throws(AmountException::class)
public operator fun Amount.plus(other: Amount): Amount {
    val largest = largestAmount()
    if (this > largest || other > largest) throw AmountException.TooLarge()
    // Neither is above 2^53, so that the sum is one.
    return Amount(fen + other.fen).also { if (it > largest) throw AmountException.TooLarge() }
}

/** The difference; `null` if the other one is more. */
public fun Amount.minusOrNull(other: Amount): Amount? = if (other > this) null else Amount(fen - other.fen)
