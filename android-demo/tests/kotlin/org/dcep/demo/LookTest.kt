package org.dcep.demo

import android.graphics.Bitmap
import android.graphics.BitmapFactory
import android.graphics.Canvas
import android.graphics.Color
import android.graphics.Paint
import android.graphics.Rect
import java.io.File
import java.util.TimeZone
import kotlin.math.abs
import kotlin.test.assertEquals
import kotlin.test.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** How much a channel of a pixel may be off, and how many pixels in ten thousand may be more: processors round differently. */
private const val OFF = 12
private const val IN_TEN_THOUSAND = 20

/**
 * Every screen looks as in its picture in `docs/screens/android`: in English by day, the main ones also in Chinese by night, and some
 * in twofold text. `-Dscreenshots=record` takes the pictures anew; whoever does that looks at them.
 */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(shadows = [CardInField::class])
class LookTest(private val scene: Scene, private val light: Light) {
    @Test
    fun looks_as_in_its_picture() {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC"))
        RuntimeEnvironment.setQualifiers(light.qualifiers)
        RuntimeEnvironment.setFontScale(light.fontScale)
        val shown = scene.open(Play())
        val file = File(System.getProperty("screenshots.folder"), "${scene.name}-${light.name.lowercase()}.png")
        compare(picture(shown), file, shown.hashes())
    }

    /** Where codes and numbers stand that are hashes of everything: another encoding, and they are others. */
    private fun Shown<*>.hashes(): List<Rect> = listOf(R.id.tap_code, R.id.code, R.id.entry_id).filter(::isShown).map { id ->
        Rect().also { view(id).getGlobalVisibleRect(it) }
    }

    private fun picture(shown: Shown<*>): Bitmap {
        // A cursor blinks.
        shown.activity.currentFocus?.clearFocus()
        val window = shown.activity.window.decorView
        return Bitmap.createBitmap(window.width, window.height, Bitmap.Config.ARGB_8888).also { window.draw(Canvas(it)) }
    }

    private fun compare(now: Bitmap, file: File, hashes: List<Rect>) {
        if (System.getProperty("screenshots") == "record") {
            file.parentFile!!.mkdirs()
            file.outputStream().use { now.compress(Bitmap.CompressFormat.PNG, 100, it) }
        }
        assertTrue(file.exists(), "there is no picture $file: take it with -Dscreenshots=record, and look at it")
        val before = file.readBytes().let { BitmapFactory.decodeByteArray(it, 0, it.size) }
        assertEquals(before.width to before.height, now.width to now.height)
        val off = pixels(before, hashes).zip(pixels(now, hashes)) { one, other -> differ(one, other) }.count { it }
        val most = now.width * now.height / 10_000 * IN_TEN_THOUSAND
        if (off > most) {
            val kept = File("target/screenshots", file.name).apply { parentFile!!.mkdirs() }
            kept.outputStream().use { now.compress(Bitmap.CompressFormat.PNG, 100, it) }
        }
        assertTrue(off <= most, "$off pixels of ${file.name} are not as they were: see target/screenshots/${file.name}")
    }

    private fun pixels(picture: Bitmap, without: List<Rect>): List<Int> {
        val compared = picture.copy(Bitmap.Config.ARGB_8888, true)
        without.forEach { Canvas(compared).drawRect(it, Paint()) }
        val pixels = IntArray(compared.width * compared.height)
        compared.getPixels(pixels, 0, compared.width, 0, 0, compared.width, compared.height)
        return pixels.asList()
    }

    private fun differ(one: Int, other: Int): Boolean =
        abs(Color.red(one) - Color.red(other)) > OFF ||
            abs(Color.green(one) - Color.green(other)) > OFF ||
            abs(Color.blue(one) - Color.blue(other)) > OFF

    /** In which light a screen is looked at. */
    enum class Light(val qualifiers: String, val fontScale: Float = 1f) {
        DAY("en-rUS-w360dp-h740dp-notnight-hdpi"),
        NIGHT("zh-rCN-w360dp-h740dp-night-hdpi"),
        LARGE("en-rUS-w360dp-h740dp-notnight-hdpi", fontScale = 2f),
    }

    companion object {
        private val ALSO_BY_NIGHT = setOf(
            "welcome", "home", "home-in-doubt", "pay", "tap-to-receive", "tap-torn", "tap-to-agree", "tap-paid",
            "code-shown", "limits", "history", "bank", "alone-torn",
        )
        private val ALSO_LARGE = setOf("home-in-doubt", "tap-torn", "limits", "alone")

        @JvmStatic
        @Parameters(name = "{0}-{1}")
        fun pictures(): List<Array<Any>> = SCENES.flatMap { scene ->
            listOfNotNull(
                Light.DAY,
                Light.NIGHT.takeIf { scene.name in ALSO_BY_NIGHT },
                Light.LARGE.takeIf { scene.name in ALSO_LARGE },
            ).map { arrayOf(scene, it) }
        }
    }
}
