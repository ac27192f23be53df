// Robolectric asks for a few classes of androidx.test, which are published for Android only, in a form that a JVM cannot
// load. What it really uses of them stands in these files, under their names, for the tests alone.
package androidx.test.platform.app

import android.app.Instrumentation
import android.os.Bundle

/** Where the test's instrumentation is found. */
object InstrumentationRegistry {
    private var registered: Instrumentation? = null

    @JvmStatic
    fun getInstrumentation(): Instrumentation = checkNotNull(registered) { "no test runs under Robolectric" }

    @JvmStatic
    fun registerInstance(instrumentation: Instrumentation?, @Suppress("UNUSED_PARAMETER") arguments: Bundle?) {
        registered = instrumentation
    }
}
