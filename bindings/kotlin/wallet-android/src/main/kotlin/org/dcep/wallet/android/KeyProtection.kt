package org.dcep.wallet.android

/** What the Keystore asks for before a key signs. */
public sealed class KeyProtection {
    /** Nothing: keys sign whoever holds the phone. The wallet's own PIN, and a [HolderPrompt], stand before it. */
    public object Open : KeyProtection()

    /**
     * The holder has proven to be there within the last [seconds].
     *
     * Receiving signs as well: a wallet that is paid needs a fresh proof, too.
     *
     * @param seconds how long a proof lasts.
     * @param biometricsOnly the device's code is no proof. Then enrolling a finger or a face destroys the keys, from
     * Android 11 on: the wallet learns it as `KeyInvalidated`. Before Android 11 the code is always a proof.
     */
    public class HolderPresent(public val seconds: Int, public val biometricsOnly: Boolean = false) : KeyProtection() {
        init {
            require(seconds > 0) { "a proof lasts at least a second" }
        }
    }
}
