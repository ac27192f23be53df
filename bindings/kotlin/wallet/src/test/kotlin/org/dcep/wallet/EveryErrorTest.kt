package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** What errors look like to a program, to a log and to a person is pinned in `errors.txt`, and agrees with `docs/errors.md`. */
class EveryErrorTest {
    private val folder = File(System.getProperty("basedir"))
    private val cases = EveryError.families.flatMap(EveryError::cases)

    private fun shown(error: Exception): String = with(Said(error)) {
        val retry = if (isRetryable) "may be asked again" else "not to be asked again"
        listOf(
            "${error.javaClass.name.removePrefix("org.dcep.wallet.").replace('$', '.')}(${error.message})",
            "  $code $name, $retry",
            "  $error",
            "  ${sentence(Language.ENGLISH)}",
            "  ${sentence(Language.SIMPLIFIED_CHINESE)}",
        ).joinToString("\n")
    }

    /** Written anew with `-Derrors.update`. */
    @Test
    fun `what errors look like is pinned`() {
        val file = File(folder, "src/test/resources/errors.txt")
        val text = cases.joinToString("\n\n", postfix = "\n", transform = ::shown)
        if (System.getProperty("errors.update") != null) file.writeText(text)
        assertEquals(file.readText(), text)
    }

    @Test
    fun `every error has its row`() {
        val table = File(folder, "../../../docs/errors.md").readText()
        val rows = Regex("^\\| (\\d+) \\| `([a-z0-9-]+)` \\|", RegexOption.MULTILINE).findAll(table)
            .associate { it.groupValues[1] to it.groupValues[2] }
        for (error in cases) assertEquals(rows[Said(error).code.toString()], Said(error).name, "$error")
        assertTrue(cases.size > 90, "only ${cases.size} were found")
    }

    @Test
    fun `whatever is thrown has a sentence`() {
        // One that no app meets: the sandbox's.
        for (error in cases.filterNot { it is SandboxException }) {
            for (language in Language.entries) assertEquals(Said(error).sentence(language), sentenceOf(error, language))
        }
        val internal = WalletException.Internal().sentence(Language.ENGLISH)
        for (other in listOf(IllegalStateException("secret"), InternalException("secret"))) {
            assertEquals(internal, sentenceOf(other, Language.ENGLISH))
        }
    }
}
