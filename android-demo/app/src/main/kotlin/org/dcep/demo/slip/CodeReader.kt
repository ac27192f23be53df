package org.dcep.demo.slip

import com.google.zxing.Binarizer
import com.google.zxing.BinaryBitmap
import com.google.zxing.DecodeHintType
import com.google.zxing.PlanarYUVLuminanceSource
import com.google.zxing.ReaderException
import com.google.zxing.common.GlobalHistogramBinarizer
import com.google.zxing.common.HybridBinarizer
import com.google.zxing.qrcode.QRCodeReader

/** Reads a QR code out of what a camera sees. One thread at a time. */
class CodeReader {
    private val reader = QRCodeReader()
    private val hints = mapOf(DecodeHintType.TRY_HARDER to true)

    /** What the code in a picture says; `null` if there is none to be read. [luminance]: one byte a pixel, row by row. */
    fun read(luminance: ByteArray, width: Int, height: Int): String? {
        val picture = PlanarYUVLuminanceSource(luminance, width, height, 0, 0, width, height, false)
        // The one sees through shadows, the other sees codes that are very near.
        return decode(HybridBinarizer(picture)) ?: decode(GlobalHistogramBinarizer(picture))
    }

    private fun decode(picture: Binarizer): String? = try {
        reader.decode(BinaryBitmap(picture), hints).text
    } catch (_: ReaderException) {
        null
    }
}
