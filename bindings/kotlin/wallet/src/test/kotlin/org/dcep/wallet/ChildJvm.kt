package org.dcep.wallet

import java.io.File
import java.util.concurrent.TimeUnit
import kotlin.test.assertTrue

/** How a program ended that ran in a Java of its own, and all that it said. */
internal class Ended(val status: Int, val said: String)

/** The classes of this test, as another Java finds them. */
internal val testClasses: String = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")

/** Runs `main` of a class in a Java of its own, with the library that this one has. */
internal fun childJvm(
    main: String,
    vararg arguments: String,
    classPath: String = testClasses,
    options: List<String> = emptyList(),
): Ended {
    val java = File(System.getProperty("java.home"), "bin/java").path
    val library = "-Djna.library.path=${System.getProperty("jna.library.path")}"
    val child = ProcessBuilder(listOf(java, library) + options + listOf("-cp", classPath, main) + arguments)
        .redirectErrorStream(true)
        .start()
    child.outputStream.close()
    val said = child.inputStream.bufferedReader().readText()
    assertTrue(child.waitFor(1, TimeUnit.MINUTES), "it has nothing more to say, and does not end")
    return Ended(child.exitValue(), said)
}
