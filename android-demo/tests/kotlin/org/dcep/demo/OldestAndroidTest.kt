package org.dcep.demo

import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.annotation.Config
import kotlin.test.assertTrue

/**
 * Every screen opens on Android 8 too. In a process of its own, see pom.xml: the wallet's library is loaded once for a process,
 * and not once for each Android.
 */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(sdk = [26], shadows = [CardInField::class])
class OldestAndroidTest(private val scene: Scene) {
    @Test
    fun opens() {
        val shown = scene.open(Play())
        assertTrue(shown.activity.window.decorView.isShown)
    }

    companion object {
        @JvmStatic
        @Parameters(name = "{0}")
        fun screens(): List<Array<Any>> = SCENES.map { arrayOf(it) }
    }
}
