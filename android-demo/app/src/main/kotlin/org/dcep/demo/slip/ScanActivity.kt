package org.dcep.demo.slip

import android.Manifest
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.view.SurfaceHolder
import android.view.SurfaceView
import android.widget.ProgressBar
import org.dcep.demo.R
import org.dcep.demo.ui.Screen
import org.dcep.demo.ui.sentence
import org.dcep.wallet.Slip
import org.dcep.wallet.SlipException
import org.dcep.wallet.SlipScanner

/** Reads a slip from another phone's screen, frame by frame in any order; or out of a file. */
class ScanActivity : Screen(), SurfaceHolder.Callback {
    private lateinit var scanner: SlipScanner
    private var camera: Camera? = null

    override fun onCreate(saved: Bundle?) {
        super.onCreate(saved)
        scanner = lastNonConfigurationInstance as? SlipScanner ?: SlipScanner()
        setContentView(R.layout.scan)
        find<SurfaceView>(R.id.preview).holder.addCallback(this)
        onTouch(R.id.open_file) { chooseFile() }
        // A phone that is turned while its holder is asked goes on asking.
        if (saved == null && !mayUseCamera()) requestPermissions(arrayOf(Manifest.permission.CAMERA), 0)
    }

    /** What was read so far. */
    override fun onRetainNonConfigurationInstance(): Any = scanner

    private fun mayUseCamera() = checkSelfPermission(Manifest.permission.CAMERA) == PackageManager.PERMISSION_GRANTED

    override fun onRequestPermissionsResult(request: Int, permissions: Array<out String>, results: IntArray) {
        if (results.isEmpty()) return
        if (mayUseCamera()) look(find<SurfaceView>(R.id.preview).holder) else text(R.id.scan_text).setText(R.string.no_camera)
    }

    override fun surfaceCreated(holder: SurfaceHolder) = look(holder)

    override fun surfaceChanged(holder: SurfaceHolder, format: Int, width: Int, height: Int) = Unit

    override fun surfaceDestroyed(holder: SurfaceHolder) {
        camera?.close()
        camera = null
    }

    private fun look(holder: SurfaceHolder) {
        if (camera != null || !mayUseCamera() || !holder.surface.isValid) return
        camera = Camera(
            this,
            read = { text -> runOnUiThread { seen(text) } },
            failed = { runOnUiThread { text(R.id.scan_text).setText(R.string.no_camera) } },
        ).also { it.open(holder.surface) }
    }

    /** A code was read. On the main thread. */
    fun seen(code: String) {
        if (isFinishing) return
        try {
            val progress = scanner.scan(code)
            find<ProgressBar>(R.id.progress).progress = progress.percent.toInt()
            text(R.id.scan_text).text = getString(R.string.scanned, progress.percent.toInt())
            progress.slip?.let(::take)
        } catch (foreign: SlipException) {
            text(R.id.scan_text).text = sentence(foreign)
        }
    }

    private fun take(slip: Slip) {
        SlipActivity.start(this, slip)
        finish()
    }

    override fun onFileChosen(file: Uri) {
        work { read(file)?.let { take(Slip.fromBytes(it)) } }
    }
}
