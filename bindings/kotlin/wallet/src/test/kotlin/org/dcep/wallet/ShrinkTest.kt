package org.dcep.wallet

import com.sun.jna.Native
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertFalse

private const val PAID = "paid 37.45, left 62.55"

/**
 * The rules for shrinkers that the package carries, in the hands of ProGuard: with exactly these an app of somebody else's pays,
 * and without any one of them it does not.
 */
class ShrinkTest {
    @TempDir
    lateinit var folder: File

    /** What is shrunk: the package with what was generated, JNA, and the app. */
    private val program = listOf(source(Wallet::class.java), source(Native::class.java))
    private val shrunk get() = File(folder, "shrunk.jar")

    /** What is not, and is there: Java as far as Android has it, which is without `java.awt`, and the other libraries. */
    private val platform = listOf("java.base", "java.logging")
        .map { "${System.getProperty("java.home")}/jmods/$it.jmod(!**.jar;!module-info.class)" }
    private val libraries = testClasses.split(File.pathSeparator)
        .filter { path -> listOf("kotlin-stdlib", "kotlinx-coroutines-core", "/org/jetbrains/annotations/").any { it in path } }

    private fun source(of: Class<*>) = File(of.protectionDomain.codeSource.location.toURI())

    /** What the app says when it runs, shrunk by these rules; or what ProGuard says when it has not shrunk it. */
    private fun paying(rules: List<String>): String {
        val configuration = File(folder, "app.pro")
        val lines = program.map { "-injars '$it'(!META-INF/**)" } +
            "-injars '${source(ShrinkTest::class.java)}'(org/dcep/stranger/**)" +
            "-outjars '$shrunk'" +
            (platform + libraries.map { "'$it'(!META-INF/versions/**)" }).map { "-libraryjars $it" } +
            "-dontnote **" +
            "-keep class org.dcep.stranger.ShopKt { public static void main(java.lang.String[]); }" +
            rules
        configuration.writeText(lines.joinToString("\n"))
        val proguard = childJvm("proguard.ProGuard", "@$configuration")
        if (proguard.status != 0) return proguard.said
        val classPath = (listOf(shrunk.path) + libraries).joinToString(File.pathSeparator)
        return childJvm("org.dcep.stranger.ShopKt", File(folder, "wallet.sqlite").path, classPath = classPath).said
    }

    @Test
    fun `with the rules that ship a shrunk app pays`() {
        assertEquals(PAID, paying(shipped()).trim())
        val before = program.sumOf { root -> root.walk().filter { it.isFile }.sumOf(File::length) }
        println("shrunk to ${shrunk.length()} bytes, from $before")
    }

    @ParameterizedTest
    @MethodSource("shipped")
    fun `without any one of them it does not`(rule: String) {
        assertFalse(PAID in paying(shipped() - rule))
    }

    companion object {
        /** One rule a line. */
        @JvmStatic
        fun shipped(): List<String> =
            checkNotNull(ShrinkTest::class.java.getResource("/META-INF/proguard/dcep-wallet.pro")).readText().lines()
                .filter { it.isNotBlank() && !it.startsWith("#") }
    }
}
