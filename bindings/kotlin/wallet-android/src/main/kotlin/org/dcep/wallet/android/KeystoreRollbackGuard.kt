package org.dcep.wallet.android

import android.content.Context
import org.dcep.wallet.Head
import org.dcep.wallet.RollbackGuard
import org.dcep.wallet.platform.NamedHeads
import java.io.File
import java.io.RandomAccessFile

/**
 * Keeps the head of the wallet's journal inside the Android Keystore, as the alias of a key: with every head a new alias is
 * made, and the one before is deleted. A copy of the app's files does not bring it along, and putting back older files does
 * not put it back.
 *
 * It costs one key generation for each payment, in software or in the trusted environment, never in StrongBox. Calls block;
 * not for the main thread. Threads and processes of the app may share a guard's state.
 */
public class KeystoreRollbackGuard private constructor(private val heads: NamedHeads) : RollbackGuard by heads {
    /** @param context any context of the app. */
    public constructor(context: Context) : this(
        NamedHeads(KeystoreNames(), FileTurn(File(context.noBackupFilesDir, "dcep-wallet-guard.lock"))::take),
    )
}

/** One process at a time. */
private class FileTurn(private val file: File) {
    fun take(change: () -> Head): Head =
        RandomAccessFile(file, "rw").use { opened ->
            // Let go of when the file is closed.
            opened.channel.lock()
            change()
        }
}
