package org.dcep.demo.ui

import android.content.Context
import android.os.Bundle
import android.os.Parcelable
import android.util.AttributeSet
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.LinearLayout
import android.widget.TextView
import org.dcep.demo.R
import org.dcep.wallet.Amount
import org.dcep.wallet.AmountException
import org.dcep.wallet.parse

/** Twelve digits are ten thousand million yuan. */
private const val MOST_DIGITS = 12

/**
 * Digits move in from the right, as at a till: 3, 7, 4, 5 is 37.45. So there is never an amount with one decimal or three,
 * and what stands there is read by the wallet's own reader.
 */
class AmountPad(context: Context, attributes: AttributeSet?) : LinearLayout(context, attributes) {
    private var digits = ""
    private val shown: TextView

    /** Told whenever another amount stands there. */
    var onChange: () -> Unit = {}

    init {
        orientation = VERTICAL
        LayoutInflater.from(context).inflate(R.layout.amount_pad, this, true)
        shown = checkNotNull(findViewById(R.id.pad_amount))
        eachKey(checkNotNull(findViewById<ViewGroup>(R.id.pad_keys)))
        show()
    }

    private fun eachKey(group: ViewGroup) {
        for (at in 0 until group.childCount) {
            when (val child = group.getChildAt(at)) {
                is ViewGroup -> eachKey(child)
                else -> child.setOnClickListener(::press)
            }
        }
    }

    private fun press(key: View) {
        val typed = if (key.id == R.id.pad_back) digits.dropLast(1) else digits + (key as TextView).text
        digits = typed.trimStart('0').take(MOST_DIGITS)
        show()
        onChange()
    }

    private val written: String
        get() = digits.padStart(3, '0').let { it.dropLast(2) + "." + it.takeLast(2) }

    /** What stands there; `null` while that is nothing. */
    val amount: Amount?
        get() = try {
            Amount.parse(written).takeIf { digits.isNotEmpty() }
        } catch (_: AmountException) {
            null
        }

    private fun show() {
        shown.text = context.getString(R.string.yuan, written)
    }

    override fun onSaveInstanceState(): Parcelable = Bundle().apply {
        putParcelable("above", super.onSaveInstanceState())
        putString("digits", digits)
    }

    override fun onRestoreInstanceState(state: Parcelable?) {
        val saved = state as? Bundle
        @Suppress("DEPRECATION") // The typed form is newer than what this app runs on.
        super.onRestoreInstanceState(saved?.getParcelable("above"))
        digits = saved?.getString("digits").orEmpty()
        show()
        onChange()
    }
}
