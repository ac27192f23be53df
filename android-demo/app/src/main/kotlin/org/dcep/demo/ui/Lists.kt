package org.dcep.demo.ui

import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.TextView

/** Fills a column anew, one row for each item. */
fun <T> ViewGroup.rows(items: List<T>, layout: Int, fill: View.(T) -> Unit) {
    removeAllViews()
    for (item in items) {
        val row = LayoutInflater.from(context).inflate(layout, this, false)
        row.fill(item)
        addView(row)
    }
}

fun View.text(id: Int): TextView = checkNotNull(findViewById(id))

/** Shows a text, or takes no room. */
fun TextView.orGone(shown: CharSequence?) {
    text = shown
    visibility = if (shown.isNullOrEmpty()) View.GONE else View.VISIBLE
}

fun View.shownIf(condition: Boolean) {
    visibility = if (condition) View.VISIBLE else View.GONE
}
