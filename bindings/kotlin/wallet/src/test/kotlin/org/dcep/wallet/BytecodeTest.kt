package org.dcep.wallet

import org.junit.jupiter.api.Test
import java.io.DataInputStream
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Java 11, as class files say it. */
private const val JAVA_11 = 55

class BytecodeTest {
    @Test
    fun `every class is for Java 11`() {
        val versions = packageClasses.associateWith { type ->
            DataInputStream(type.getResourceAsStream("${type.simpleName}.class")!!).use { it.readLong().toInt() and 0xffff }
        }
        assertEquals(emptyMap(), versions.filterValues { it != JAVA_11 })
        assertTrue(versions.size > 100)
    }
}
