package org.dcep.demo.alone

import android.os.Bundle
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.CheckBox
import android.widget.EditText
import android.widget.LinearLayout
import android.widget.SeekBar
import android.widget.Switch
import android.widget.TextView
import kotlin.random.Random
import kotlin.random.nextULong
import org.dcep.demo.R
import org.dcep.demo.home.HomeActivity
import org.dcep.demo.tap.look
import org.dcep.demo.tap.stageOf
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.isLargeText
import org.dcep.demo.ui.orGone
import org.dcep.demo.ui.shownIf
import org.dcep.demo.ui.yuan
import org.dcep.wallet.Amount
import org.dcep.wallet.FrameSize
import org.dcep.wallet.Side
import org.dcep.wallet.ZERO
import org.dcep.wallet.balanceAwait
import org.dcep.wallet.compareTo
import org.dcep.wallet.parse

/** At the right end of the slider the tap does not tear. */
private const val NO_TEAR = 1_000

/** Two phones on one screen, a tap between them, and a slider that tears it. */
class AloneActivity : Screen() {
    private lateinit var town: Town
    private lateinit var cards: List<PhoneCard>
    private var told: Told? = null

    /** What came of the last touch. */
    private class Told(val headline: String, val detail: String?, val isTorn: Boolean)

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        setContentView(R.layout.alone)
        town = app.town ?: Town(Random.nextULong()).also { app.town = it }
        if (isLargeText) stackPhones()
        cards = listOf(card(R.id.alice, town.alice), card(R.id.bob, town.bob))
        find<TextView>(R.id.alone_amount_label).labelFor = R.id.alone_amount
        onTouch(R.id.swap_roles) {
            town.swap()
            work { refresh() }
        }
        onTouch(R.id.hold) { button -> workOn(button) { hold() } }
        onTouch(R.id.sync_both) { button -> workOn(button) { sync() } }
        onTouch(R.id.codes) { button ->
            workOn(button) {
                town.payByCodes(amount())
                go(CodesActivity::class)
            }
        }
        find<SeekBar>(R.id.tear).apply {
            max = NO_TEAR
            progress = NO_TEAR
            setOnSeekBarChangeListener(Slid(::showTear))
        }
        find<Switch>(R.id.offline).apply {
            isChecked = town.isOffline
            setOnCheckedChangeListener { _, offline -> work { town.setOffline(offline) } }
        }
        showTear()
        (lastNonConfigurationInstance as? Told)?.let(::show)
    }

    override fun onRestoreInstanceState(saved: Bundle) {
        super.onRestoreInstanceState(saved)
        showTear()
    }

    override fun onResume() {
        super.onResume()
        app.visited = null
        work {
            town.open()
            refresh()
        }
    }

    /** In large text an amount takes the whole width. */
    private fun stackPhones() {
        val gap = resources.getDimensionPixelSize(R.dimen.gap)
        find<LinearLayout>(R.id.phones).orientation = LinearLayout.VERTICAL
        for (phone in listOf(R.id.alice, R.id.bob)) {
            find<View>(phone).layoutParams = LinearLayout.LayoutParams(MATCH_PARENT, WRAP_CONTENT).apply { topMargin = gap }
        }
    }

    private fun card(id: Int, phone: SandboxPhone) = PhoneCard(
        this,
        find(id),
        phone,
        lookInside = {
            app.visited = phone
            go(HomeActivity::class)
        },
        restart = { button ->
            workOn(button) {
                town.restart(phone)
                tell(getString(R.string.restarted, phone.name), null)
                refresh()
            }
        },
    )

    private val tearAfter: ULong?
        get() = find<SeekBar>(R.id.tear).progress.takeIf { it < NO_TEAR }?.toULong()

    private fun showTear() {
        val bytes = tearAfter
        val shown = if (bytes == null) getString(R.string.tear_never) else getString(R.string.tear_after, bytes.toInt())
        text(R.id.tear_label).text = shown
        find<View>(R.id.tear).contentDescription = shown
    }

    private fun amount(): Amount = Amount.parse(find<EditText>(R.id.alone_amount).text.toString())

    private suspend fun hold() {
        val held = town.hold(
            amount(),
            payerSide = if (find<CheckBox>(R.id.payee_reads).isChecked) Side.CARD else Side.READER,
            frames = if (find<CheckBox>(R.id.short_frames).isChecked) FrameSize.SHORT else FrameSize.EXTENDED,
            tearAfter = tearAfter,
        )
        tell(held)
        refresh()
    }

    private suspend fun tell(held: Held) {
        val passed = getString(R.string.passed, held.tap.bytes.toInt(), held.tap.frames.size)
        val outcome = held.outcome?.takeIf { held.tap.completed }
        if (outcome != null) {
            val look = look(stageOf(outcome))
            return tell(look.headline, listOfNotNull(look.amount, look.detail, passed).joinToString("\n"))
        }
        val doubt = town.payer.wallet().balanceAwait().inDoubt
        val what = when {
            held.outcome != null -> getString(R.string.alone_payee_missed)
            doubt > Amount.ZERO -> getString(R.string.torn_in_doubt, yuan(doubt))
            else -> getString(R.string.torn_unsigned)
        }
        tell(getString(R.string.torn), listOf(what, passed).joinToString("\n"), isTorn = true)
    }

    private suspend fun sync() {
        town.syncBoth()
        tell(getString(R.string.synced_both), null)
        refresh()
    }

    private fun tell(headline: String, detail: String?, isTorn: Boolean = false) = show(Told(headline, detail, isTorn))

    private fun show(told: Told) {
        this.told = told
        find<View>(R.id.alone_card).apply {
            setBackgroundResource(if (told.isTorn) R.drawable.doubt else R.drawable.news)
            shownIf(true)
        }
        text(R.id.alone_headline).text = told.headline
        text(R.id.alone_result).orGone(told.detail)
    }

    override fun onRetainNonConfigurationInstance(): Any? = told

    private suspend fun refresh() {
        text(R.id.swap_roles).text = getString(R.string.swap_roles, town.payee.name, town.payer.name)
        text(R.id.who_pays).text = getString(R.string.who_pays, town.payer.name, town.payee.name)
        for (card in cards) card.refresh(isPayer = card.phone === town.payer)
    }
}

private class Slid(private val then: () -> Unit) : SeekBar.OnSeekBarChangeListener {
    override fun onProgressChanged(bar: SeekBar, progress: Int, byHand: Boolean) = then()
    override fun onStartTrackingTouch(bar: SeekBar) = Unit
    override fun onStopTrackingTouch(bar: SeekBar) = Unit
}
