package org.dcep.wallet

import org.dcep.wallet.platform.HttpBank

/**
 * A bank in a process of its own, which gives every new account 1,000 yuan.
 *
 * The program is found by the property `dcep.bank` of the build: `cargo xtask test` builds it and says where it is.
 */
internal class LoopbackBank : AutoCloseable {
    private val process: Process
    val address: String
    val root: String
    val line: HttpBank get() = HttpBank(address)

    init {
        val program = checkNotNull(System.getProperty("dcep.bank")?.takeIf { it.isNotBlank() }) {
            "-Ddcep.bank: cargo build -p bank --features http --bin dcep-bank, and where it is"
        }
        process = ProcessBuilder(program, "--listen", "127.0.0.1:0", "--welcome", "1000.00")
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start()
        val lines = process.inputStream.bufferedReader()
        address = lastWord(lines.readLine())
        root = lastWord(lines.readLine())
    }

    private fun lastWord(line: String?) = checkNotNull(line) { "the bank did not start" }.substringAfterLast(' ')

    override fun close() {
        // Not a polite signal: it would wait until the last connection is closed, and clients keep theirs.
        process.destroyForcibly().waitFor()
    }
}
