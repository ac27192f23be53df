package org.dcep.wallet

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** Bytes that may be in use after the last round and were not after the 200th. */
private const val MOST = 2_000_000

/**
 * What a wallet uses outside of Java's heap is given back with it. Inside of the heap everything is there from the beginning,
 * so that what grows is the library, or what Java needs for it.
 */
@EnabledOnOs(OS.LINUX, disabledReason = "there is no /proc to read memory from")
class SoakTest {
    private val bank = LoopbackBank()

    @AfterEach
    fun stop() = bank.close()

    private class Soaked(val grown: Long, val files: List<Int>)

    private fun soak(vararg arguments: String): Soaked {
        val options = listOf(
            "-Xms64m", "-Xmx64m", "-XX:+AlwaysPreTouch", "-XX:+UseSerialGC",
            // Compiled when first called, and never again: what compilers need does not grow in the middle.
            "-Xcomp", "-XX:TieredStopAtLevel=1",
        )
        val ended = childJvm("org.dcep.wallet.Soak", bank.address, bank.root, *arguments, options = options)
        assertEquals(0, ended.status, ended.said)
        val numbers = Regex("grown (-?\\d+) files (\\d+) (\\d+)").find(ended.said)!!.groupValues.drop(1)
        return Soaked(numbers[0].toLong(), numbers.drop(1).map(String::toInt))
    }

    @Test
    fun `a thousand rounds leave nothing behind`() {
        val soaked = soak("1000", "200")
        println("1000 rounds: ${soaked.grown} bytes more after the first 200")
        assertTrue(soaked.grown < MOST, "${soaked.grown} bytes")
        assertEquals(soaked.files[0], soaked.files[1])
    }

    @Test
    fun `what is not closed shows`() {
        val soaked = soak("500", "100", "hoard")
        println("400 rounds that close nothing: ${soaked.grown} bytes more")
        assertTrue(soaked.grown > MOST, "${soaked.grown} bytes")
    }
}
