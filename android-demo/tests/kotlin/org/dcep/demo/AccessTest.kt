package org.dcep.demo

import android.text.Layout
import android.view.View
import android.view.ViewGroup
import android.widget.EditText
import android.widget.TextView
import kotlin.test.assertEquals
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.ParameterizedRobolectricTestRunner
import org.robolectric.ParameterizedRobolectricTestRunner.Parameters
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Config

/** What TalkBack and large text need, on every screen, in both languages. */
@RunWith(ParameterizedRobolectricTestRunner::class)
@Config(shadows = [CardInField::class])
class AccessTest(private val scene: Scene, private val language: String) {
    private fun open(fontScale: Float): Shown<*> {
        RuntimeEnvironment.setQualifiers("$language-w360dp-h740dp-xhdpi")
        RuntimeEnvironment.setFontScale(fontScale)
        return scene.open(Play())
    }

    private fun Shown<*>.everything(): List<View> =
        activity.findViewById<View>(android.R.id.content)!!.everything().filter { it.isShown }

    @Test
    fun whatever_is_touched_says_what_it_is() {
        val all = open(fontScale = 1f).everything()
        val labelled = all.mapNotNull { (it as? TextView)?.labelFor }.toSet()
        val dumb = all.filter { it.isTouched && !it.speaks && it.id !in labelled }
        assertEquals(emptyList(), dumb.map { it.toString() })
    }

    @Test
    fun whatever_is_touched_is_large_enough_for_a_finger() {
        val shown = open(fontScale = 1f)
        val least = (48 * shown.activity.resources.displayMetrics.density).toInt()
        val small = shown.everything().filter { it.isTouched && it.height < least }
        assertEquals(emptyList(), small.map { "$it" })
    }

    @Test
    fun large_text_is_not_cut_off() {
        val cut = open(fontScale = 2f).everything().filterIsInstance<TextView>().mapNotNull { it.cutOff }
        assertEquals(emptyList(), cut)
    }

    @Test
    fun a_rotation_leaves_it_as_it_was() {
        val shown = open(fontScale = 1f)
        val before = shown.texts()
        shown.rotate()
        until("it says what it said: $before") { shown.texts() == before }
    }

    private fun Shown<*>.texts(): List<String> = everything().filterIsInstance<TextView>().map { it.text.toString() }

    private val View.isTouched: Boolean get() = isClickable && this !is ViewGroup || this is EditText || hasOnClickListeners()

    /** A word or a number; an arrow or a cross is read out as nothing. */
    private val View.speaks: Boolean
        get() = listOf(contentDescription, (this as? TextView)?.text, (this as? EditText)?.hint).any { it.isSpoken } ||
            (this as? ViewGroup)?.everything().orEmpty().any { it !== this && it.speaks }

    private val CharSequence?.isSpoken: Boolean get() = this?.any(Char::isLetterOrDigit) == true

    /** What of a text is not to be seen; `null`: nothing. */
    private val TextView.cutOff: String?
        get() {
            val layout = layout ?: return null
            val below = height - compoundPaddingTop - compoundPaddingBottom
            val room = width - compoundPaddingLeft - compoundPaddingRight
            val widest = (0 until layout.lineCount).maxOfOrNull { layout.getLineMax(it) } ?: 0f
            return when {
                widest > room + 1 -> "$text: $widest wide in $room"
                layout.height > below && this !is EditText -> "$text: cut off below"
                (0 until layout.lineCount).any { layout.getEllipsisCount(it) > 0 } -> "$text: ends in dots"
                isTornInAWord(layout) -> "$text: broken within a word or an amount"
                else -> null
            }
        }

    /** A word that goes on in the next line is one that nobody can read. The number of a transfer is no word. */
    private fun TextView.isTornInAWord(layout: Layout): Boolean = id != R.id.entry_id &&
        (0 until layout.lineCount - 1).map { layout.getLineEnd(it) }.any { text[it - 1].isInWord && text[it].isInWord }

    private val Char.isInWord get() = this in 'a'..'z' || this in 'A'..'Z' || this in '0'..'9'

    companion object {
        @JvmStatic
        @Parameters(name = "{0} in {1}")
        fun screens(): List<Array<Any>> = SCENES.flatMap { scene -> listOf("en-rUS", "zh-rCN").map { arrayOf(scene, it) } }
    }
}
