package org.dcep.demo.history

import android.os.Bundle
import android.text.Editable
import android.text.TextWatcher
import android.view.LayoutInflater
import android.view.View
import android.view.ViewGroup
import android.widget.AdapterView
import android.widget.EditText
import android.widget.Spinner
import kotlinx.coroutines.Job
import org.dcep.demo.R
import org.dcep.demo.ui.WalletScreen
import org.dcep.demo.ui.moment
import org.dcep.demo.ui.offer
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.text
import org.dcep.demo.ui.yuan
import org.dcep.wallet.HistoryEntry
import org.dcep.wallet.HistoryQuery
import org.dcep.wallet.historyAwait

private const val PAGE = 20u

/** What happened to the money, newest first, a page at a time; what is looked for is the wallet's to find. */
class HistoryActivity : WalletScreen() {
    private lateinit var lines: ViewGroup
    private var looking: Job? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.history)
        lines = find(R.id.lines)
        val shown = find<Spinner>(R.id.shown)
        shown.offer(Shown.entries.map { getString(it.label) })
        shown.onItemSelectedListener = Chosen { look() }
        find<EditText>(R.id.name).addTextChangedListener(Typed { look() })
    }

    override suspend fun refresh() = look()

    /** Begins anew, from the newest. */
    private fun look() {
        // Called by the fields as well, which may be filled before the wallet is open.
        if (!isReady) return
        looking?.cancel()
        looking = work {
            lines.removeAllViews()
            more(null)
        }
    }

    private suspend fun more(after: String?) {
        val typed = find<EditText>(R.id.name).text.trim().toString().ifEmpty { null }
        val shown = Shown.entries[find<Spinner>(R.id.shown).selectedItemPosition]
        val page = wallet.historyAwait(
            HistoryQuery(name = typed, kind = shown.kind, state = shown.state, after = after, limit = PAGE),
        )
        page.entries.forEach(::add)
        find<View>(R.id.nothing).shownIf(lines.childCount == 0)
        find<View>(R.id.more).apply {
            shownIf(page.next != null)
            setOnClickListener { button -> workOn(button) { more(page.next) } }
        }
    }

    private fun add(entry: HistoryEntry) {
        val line = LayoutInflater.from(this).inflate(R.layout.line, lines, false)
        line.text(R.id.line_what).text = textOf(entry)
        line.text(R.id.line_when).text = listOfNotNull(moment(entry.at), remark(entry)).joinToString(" · ")
        line.text(R.id.line_amount).text = yuan(entry.amount)
        entry.transfer?.let { transfer -> line.setOnClickListener { EntryActivity.start(this, transfer) } }
        lines.addView(line)
    }
}

private class Chosen(private val then: () -> Unit) : AdapterView.OnItemSelectedListener {
    override fun onItemSelected(list: AdapterView<*>?, item: View?, at: Int, id: Long) = then()
    override fun onNothingSelected(list: AdapterView<*>?) = then()
}

private class Typed(private val then: () -> Unit) : TextWatcher {
    override fun beforeTextChanged(text: CharSequence?, start: Int, count: Int, after: Int) = Unit
    override fun onTextChanged(text: CharSequence?, start: Int, before: Int, count: Int) = Unit
    override fun afterTextChanged(text: Editable?) = then()
}
