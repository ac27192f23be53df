package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Whatever an app can name says what it is: in what is generated, and in what is written by hand. */
class DocumentationTest {
    private val generated = File(System.getProperty("dcep.generated"), "org/dcep/wallet/dcep_wallet.kt")

    private class Declared(val file: File, val number: Int, val text: String, val isDocumented: Boolean) {
        override fun toString() = "${file.name}:$number: $text"
    }

    /** The lines of a file that declare something, as [declares] tells. */
    private fun declared(file: File, declares: (line: String, above: List<String>) -> Boolean): List<Declared> {
        val lines = file.readLines()
        return lines.indices.filter { declares(lines[it], lines.subList(0, it)) }.map { at ->
            Declared(file, at + 1, lines[at].trim(), isDocumented(lines, at))
        }
    }

    /** Whether a comment that is meant for readers of the documentation ends above a line. */
    private fun isDocumented(lines: List<String>, at: Int): Boolean {
        // The generator writes the end of a comment, and what it is about, in one line.
        val end = if (lines[at].trim().startsWith("*/")) {
            at
        } else {
            (at - 1 downTo 0).first { lines[it].isNotBlank() && !lines[it].trim().startsWith("@") }
        }
        return "*/" in lines[end] && lines[(end downTo 0).first { "/*" in lines[it] }].trim().startsWith("/**")
    }

    private fun assertDocumented(declared: List<Declared>, atLeast: Int) {
        assertEquals("", declared.filterNot { it.isDocumented }.joinToString("\n"))
        assertTrue(declared.size > atLeast, "only ${declared.size} were found")
    }

    /** What is written by hand. */
    private val sources = listOf("../wallet", "../wallet-android").flatMap { module ->
        File(System.getProperty("basedir"), "$module/src/main/kotlin").walk().filter { it.extension == "kt" }
    }

    @Test
    fun `whatever is public says so`() {
        val silent = Regex("(abstract|annotation|const|data|enum|fun|inline|interface|object|open|operator|sealed|suspend|va[lr]|class) .*")
        val found = sources.flatMap { file -> file.readLines().filter(silent::matches).map { "${file.name}: $it" } }
        assertEquals("", found.joinToString("\n"))
    }

    @Test
    fun `every public item that is written by hand`() {
        val declared = sources.flatMap { file ->
            // What it overrides is explained where it was declared.
            declared(file) { line, above ->
                val text = line.trim()
                text.startsWith("public ") && " override " !in text && " constructor(" !in text && " companion " !in text &&
                    // A parameter is explained by `@param`.
                    !(text.contains(" val ") && above.last().trim().endsWith("("))
            }
        }
        assertDocumented(declared, atLeast = 60)
    }

    @Test
    fun `what is generated speaks of Kotlin`() {
        val comments = generated.readLines().filter { it.trim().startsWith("*") }
        val rust = Regex("`None`|`[a-z.A-Z]*[a-z]_[a-z][a-z_]*`|`[A-Za-z.]*Error(\\.[A-Za-z]+)?`|# Errors")
        assertEquals("", comments.filter { rust.containsMatchIn(it) }.joinToString("\n"))
        assertTrue(comments.any { "`null`" in it })
    }

    @Test
    fun `every public item that is generated`() {
        val own = Regex("Uniffi|uniffi|FfiConverter|RustBuffer|ForeignBytes|NoHandle|Disposable|companion|private|internal|interface Cleanable")
        val type = Regex("^( {4})?(public |open |data |sealed |enum )*(class|interface|object) .*")
        val member = Regex("^ *(\\*/ )?(@Throws\\([A-Za-z:]*\\))?(override )?(fun|val) `.*|^ *constructor\\(`.*")
        val constant = Regex("^    [A-Z][A-Z_]+[,;]?$")
        // These two do what their interfaces say, and it is said there.
        val implementation = Regex("(interface|class) (MemoryGuard|SoftwareVault)(Interface)?\\b.*")
        val declared = declared(generated) { line, above ->
            !own.containsMatchIn(line) && listOf(type, member, constant).any { it.matches(line) } &&
                !(member.matches(line) && implementation.containsMatchIn(above.last { it.firstOrNull()?.isLetter() == true }))
        }
        assertDocumented(declared, atLeast = 500)
    }
}
