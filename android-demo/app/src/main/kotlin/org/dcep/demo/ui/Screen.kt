package org.dcep.demo.ui

import android.app.Activity
import android.app.AlertDialog
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.view.MenuItem
import android.view.View
import android.widget.TextView
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.MainScope
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import org.dcep.demo.DemoApp
import org.dcep.demo.R
import org.dcep.demo.phone.waiting
import kotlin.reflect.KClass

private const val FILE = 1

/** One screen. What it waits for ends with it; what the wallet has begun runs to its end all the same. */
abstract class Screen : Activity() {
    /** What this screen waits for. */
    val scope: CoroutineScope = MainScope()

    val app: DemoApp get() = application as DemoApp

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        actionBar?.setDisplayHomeAsUpEnabled(!isTaskRoot)
    }

    override fun onOptionsItemSelected(item: MenuItem): Boolean {
        if (item.itemId != android.R.id.home) return super.onOptionsItemSelected(item)
        finish()
        return true
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Waits for something without blocking; what goes wrong becomes a sentence in front of the holder. */
    fun work(failed: (Exception) -> Unit = { say(sentence(it)) }, block: suspend () -> Unit): Job = scope.launch {
        try {
            block()
        } catch (cancelled: CancellationException) {
            throw cancelled
        } catch (wrong: Exception) {
            failed(wrong)
        }
    }

    /** The same, with [button] out of reach meanwhile: nothing is ordered twice by a second touch. */
    fun workOn(button: View, block: suspend () -> Unit): Job {
        button.isEnabled = false
        return work {
            try {
                block()
            } finally {
                button.isEnabled = true
            }
        }
    }

    fun say(text: CharSequence) {
        AlertDialog.Builder(this).setMessage(text).setPositiveButton(R.string.ok, null).show()
    }

    /** Asks before something that cannot be undone. */
    fun ask(question: CharSequence, yes: Int, then: () -> Unit) {
        AlertDialog.Builder(this)
            .setMessage(question)
            .setPositiveButton(yes) { _, _ -> then() }
            .setNegativeButton(R.string.cancel, null)
            .show()
    }

    /** Has the holder choose a file; [onFileChosen] is told which. */
    fun chooseFile() = choose(Intent(Intent.ACTION_OPEN_DOCUMENT).setType("*/*"))

    /** The same, for a file that is not there yet. Android asks where to, and grants this app that one. */
    fun chooseNewFile(name: String, type: String) =
        choose(Intent(Intent.ACTION_CREATE_DOCUMENT).setType(type).putExtra(Intent.EXTRA_TITLE, name))

    private fun choose(intent: Intent) = startActivityForResult(intent.addCategory(Intent.CATEGORY_OPENABLE), FILE)

    override fun onActivityResult(request: Int, result: Int, chosen: Intent?) {
        super.onActivityResult(request, result, chosen)
        if (request == FILE && result == RESULT_OK) chosen?.data?.let(::onFileChosen)
    }

    protected open fun onFileChosen(file: Uri) = Unit

    suspend fun read(file: Uri): ByteArray? = waiting { contentResolver.openInputStream(file)?.use { it.readBytes() } }

    suspend fun write(file: Uri, bytes: ByteArray) {
        waiting { contentResolver.openOutputStream(file)?.use { it.write(bytes) } }
    }

    fun go(screen: KClass<out Activity>) = startActivity(Intent(this, screen.java))

    /** Goes there, and leaves nothing behind to come back to. */
    fun goForGood(screen: KClass<out Activity>) =
        startActivity(Intent(this, screen.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_CLEAR_TASK))

    fun <T : View> find(id: Int): T = checkNotNull(findViewById<T>(id))

    fun text(id: Int): TextView = find(id)

    open fun onTouch(id: Int, then: (View) -> Unit) = find<View>(id).setOnClickListener(then)
}
