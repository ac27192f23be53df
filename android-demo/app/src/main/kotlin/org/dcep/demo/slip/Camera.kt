package org.dcep.demo.slip

import android.annotation.SuppressLint
import android.content.Context
import android.graphics.ImageFormat
import android.hardware.camera2.CameraAccessException
import android.hardware.camera2.CameraCaptureSession
import android.hardware.camera2.CameraCharacteristics
import android.hardware.camera2.CameraDevice
import android.hardware.camera2.CameraManager
import android.hardware.camera2.CaptureRequest
import android.media.Image
import android.media.ImageReader
import android.os.Handler
import android.os.HandlerThread
import android.view.Surface

/** What is read has no need of more: a code of version 15 has 77 modules a side. */
private const val WIDTH = 1280
private const val HEIGHT = 720

/**
 * The camera at the back, as a source of texts of QR codes. [open] shows what it sees on a surface; [close] ends all of it.
 *
 * @param read told what a code says, on a thread of the camera's.
 * @param failed told if there is no camera to be had.
 */
class Camera(context: Context, private val read: (String) -> Unit, private val failed: () -> Unit) {
    private val cameras = checkNotNull(context.getSystemService(CameraManager::class.java))
    private val thread = HandlerThread("camera").apply { start() }
    private val handler = Handler(thread.looper)
    private val codes = CodeReader()
    private val pictures = ImageReader.newInstance(WIDTH, HEIGHT, ImageFormat.YUV_420_888, 2)
    private var device: CameraDevice? = null
    private var isClosed = false

    init {
        pictures.setOnImageAvailableListener({ it.acquireLatestImage()?.use(::look) }, handler)
    }

    /** The app has the permission: the screen has asked for it. */
    @SuppressLint("MissingPermission")
    fun open(preview: Surface) {
        val back = cameras.cameraIdList.find {
            cameras.getCameraCharacteristics(it)[CameraCharacteristics.LENS_FACING] == CameraCharacteristics.LENS_FACING_BACK
        }
        try {
            if (back == null) failed() else cameras.openCamera(back, Opened(preview), handler)
        } catch (_: CameraAccessException) {
            failed()
        }
    }

    fun close() {
        handler.post {
            isClosed = true
            pictures.close()
            device?.let(::end)
        }
    }

    private fun end(camera: CameraDevice) {
        camera.close()
        thread.quitSafely()
    }

    private fun look(picture: Image) {
        codes.read(luminance(picture), picture.width, picture.height)?.let(read)
    }

    /** The first plane, without what pads its rows. */
    private fun luminance(picture: Image): ByteArray {
        val plane = picture.planes[0]
        val bytes = ByteArray(picture.width * picture.height)
        for (row in 0 until picture.height) {
            plane.buffer.position(row * plane.rowStride)
            plane.buffer.get(bytes, row * picture.width, picture.width)
        }
        return bytes
    }

    private inner class Opened(private val preview: Surface) : CameraDevice.StateCallback() {
        override fun onOpened(camera: CameraDevice) {
            // Whoever opened it may be gone before it was open.
            if (isClosed) return end(camera)
            device = camera
            @Suppress("DEPRECATION") // What took its place came with Android 9.
            camera.createCaptureSession(listOf(preview, pictures.surface), Running(preview), handler)
        }

        override fun onDisconnected(camera: CameraDevice) = end(camera)

        override fun onError(camera: CameraDevice, error: Int) {
            end(camera)
            failed()
        }
    }

    private inner class Running(private val preview: Surface) : CameraCaptureSession.StateCallback() {
        override fun onConfigured(session: CameraCaptureSession) {
            val request = session.device.createCaptureRequest(CameraDevice.TEMPLATE_PREVIEW).apply {
                addTarget(preview)
                addTarget(pictures.surface)
                set(CaptureRequest.CONTROL_AF_MODE, CaptureRequest.CONTROL_AF_MODE_CONTINUOUS_PICTURE)
            }
            session.setRepeatingRequest(request.build(), null, handler)
        }

        override fun onConfigureFailed(session: CameraCaptureSession) = failed()
    }
}
