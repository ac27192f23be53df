package org.dcep.demo.slip

import android.content.Context
import android.graphics.Canvas
import android.graphics.Paint
import android.util.AttributeSet
import android.view.View
import org.dcep.demo.R
import org.dcep.wallet.QrFrame
import org.dcep.wallet.Slip

/** The light around a code, in modules. */
private const val QUIET = 4

/** Five frames a second. */
private const val FRAME_MILLIS = 200L

/** Shows a slip: a code that stands still, or one that moves for as long as it is shown. */
class QrView(context: Context, attributes: AttributeSet?) : View(context, attributes) {
    private val dark = Paint().apply { color = context.getColor(R.color.code_dark) }
    private val light = context.getColor(R.color.code_light)
    private var slip: Slip? = null
    private var number = 0u
    private var frame: QrFrame? = null
    private val next = Runnable(::turn)

    fun show(slip: Slip) {
        this.slip = slip
        number = 0u
        removeCallbacks(next)
        frame = slip.frame(0u)
        if (isAttachedToWindow) wait(slip)
        invalidate()
    }

    override fun onAttachedToWindow() {
        super.onAttachedToWindow()
        slip?.let(::wait)
    }

    override fun onDetachedFromWindow() {
        removeCallbacks(next)
        super.onDetachedFromWindow()
    }

    private fun wait(slip: Slip) {
        if (slip.frameCount() > 1u) postDelayed(next, FRAME_MILLIS)
    }

    private fun turn() {
        val slip = slip ?: return
        number++
        frame = slip.frame(number)
        invalidate()
        wait(slip)
    }

    override fun onMeasure(width: Int, height: Int) {
        val side = MeasureSpec.getSize(width)
        setMeasuredDimension(side, side)
    }

    /** Modules of whole pixels, or readers take the edges for noise. */
    override fun onDraw(canvas: Canvas) {
        canvas.drawColor(light)
        val frame = frame ?: return
        val side = frame.side.toInt()
        val module = (width / (side + 2 * QUIET)).coerceAtLeast(1)
        val edge = (width - module * side) / 2
        for (row in 0 until side) {
            for (column in 0 until side) {
                if (frame.modules[row * side + column].toInt() == 0) continue
                val left = (edge + column * module).toFloat()
                val top = (edge + row * module).toFloat()
                canvas.drawRect(left, top, left + module, top + module, dark)
            }
        }
    }
}
