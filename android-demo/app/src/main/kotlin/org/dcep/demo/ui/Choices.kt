package org.dcep.demo.ui

import android.widget.ArrayAdapter
import android.widget.Spinner
import org.dcep.demo.R

/** Offers these to choose from. */
fun Spinner.offer(choices: List<String>) {
    adapter = ArrayAdapter(context, R.layout.choice, choices)
}
