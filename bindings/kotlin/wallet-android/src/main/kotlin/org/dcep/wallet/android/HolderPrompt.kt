package org.dcep.wallet.android

import org.dcep.wallet.Confirmation
import org.dcep.wallet.VaultException

/** Asks the holder, before a tap, to agree to a payment: with a fingerprint, a face, or the device's code. */
public fun interface HolderPrompt {
    /**
     * Returns when the holder has agreed. Called on the thread that called the wallet, never on the main thread; may take as
     * long as it takes.
     *
     * @throws VaultException above all `UserCancelled` and `Locked`.
     */
    @Throws(VaultException::class)
    public fun confirm(what: Confirmation)
}
