package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.io.File
import kotlin.reflect.KMutableProperty
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

/** The settings of `uniffi.toml` for Kotlin, in what came of them: the file is read only by those who are told to. */
class SettingsTest {
    private val settings = File(System.getProperty("basedir"), "../../../uniffi.toml").readText()
        .substringAfter("[defaults.bindings.kotlin]\n").substringBefore("\n[").lines()
        .filter { " = " in it && !it.startsWith("#") }
        .associate { line -> line.substringBefore(" = ") to line.substringAfter(" = ").trim('"') }
    private val generated = File(System.getProperty("dcep.generated"))
    private val source = File(generated, "org/dcep/wallet/dcep_wallet.kt").readText()

    @Test
    fun `each setting has a test here`() {
        assertEquals(
            setOf("package_name", "cdylib_name", "generate_immutable_records", "disable_java_cleaner"),
            settings.keys,
        )
    }

    @Test
    fun `the package`() {
        assertEquals(settings["package_name"], Wallet::class.java.packageName)
        assertEquals(listOf("org"), generated.list()!!.toList())
    }

    @Test
    fun `the library`() = assertTrue("return \"${settings["cdylib_name"]}\"" in source)

    @Test
    fun `records do not change`() {
        assertEquals("true", settings["generate_immutable_records"])
        assertFalse(Amount::fen is KMutableProperty<*>)
        assertFalse(Regex("\n    var `").containsMatchIn(source))
    }

    @Test
    fun `no cleaner that older Androids do not have`() {
        assertEquals("true", settings["disable_java_cleaner"])
        assertFalse("java.lang.ref.Cleaner" in source)
    }
}
