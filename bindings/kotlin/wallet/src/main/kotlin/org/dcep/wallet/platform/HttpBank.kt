package org.dcep.wallet.platform

import org.dcep.wallet.BankTransport
import org.dcep.wallet.TransportException
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.InputStream
import java.net.HttpURLConnection
import java.net.SocketTimeoutException
import java.net.URL

private const val MEDIA_TYPE = "application/cbor"
private const val CHUNK = 16 * 1024

/**
 * A bank behind an address, over what every JVM and every Android has: [HttpURLConnection].
 *
 * The wallet trusts the line with delivery only, so that it needs no certificate pinning. One connection per call; calls block
 * and may be made from any thread but Android's main thread.
 *
 * @param address where the bank is, such as `https://bank.example`; the paths `/v1/calls` and `/v1/trust` are added.
 * @param connectMillis how long to wait for a connection, in milliseconds.
 * @param answerMillis how long to wait for the next bytes of an answer, in milliseconds.
 * @param longestAnswer the most bytes an answer may have. A trust bundle with a long status list is the longest.
 */
public class HttpBank(
    address: String,
    private val connectMillis: Int = 5_000,
    private val answerMillis: Int = 30_000,
    private val longestAnswer: Int = 4 * 1024 * 1024,
) : BankTransport {
    private val address = address.trimEnd('/')

    init {
        require(this.address.startsWith("https://") || this.address.startsWith("http://")) {
            "a bank's address begins with https:// (or, for a bank on this device, http://)"
        }
    }

    /**
     * Delivers a signed call.
     *
     * @throws TransportException when no answer came; the bank may have acted all the same.
     */
    override fun call(call: ByteArray): ByteArray = exchange("calls", call)

    /**
     * Fetches the trust bundle.
     *
     * @throws TransportException when no answer came.
     */
    override fun trust(): ByteArray = exchange("trust", null)

    private fun exchange(what: String, body: ByteArray?): ByteArray {
        val connection = URL("$address/v1/$what").openConnection() as HttpURLConnection
        try {
            connection.connectTimeout = connectMillis
            connection.readTimeout = answerMillis
            connection.instanceFollowRedirects = false
            connection.useCaches = false
            if (body != null) {
                connection.requestMethod = "POST"
                connection.doOutput = true
                connection.setRequestProperty("Content-Type", MEDIA_TYPE)
                // A length known beforehand also keeps the platform from sending a call twice by itself.
                connection.setFixedLengthStreamingMode(body.size)
            }
            connect(connection)
            return answer(connection, body)
        } finally {
            connection.disconnect()
        }
    }

    private fun connect(connection: HttpURLConnection) {
        try {
            connection.connect()
        } catch (_: IOException) {
            throw TransportException.Unreachable()
        }
    }

    private fun answer(connection: HttpURLConnection, body: ByteArray?): ByteArray {
        try {
            body?.let { call -> connection.outputStream.use { it.write(call) } }
            val status = connection.responseCode
            if (status != HttpURLConnection.HTTP_OK) {
                throw TransportException.Status(status.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort())
            }
            return connection.inputStream.use { readWhole(it, status) }
        } catch (_: SocketTimeoutException) {
            throw TransportException.TimedOut()
        } catch (_: IOException) {
            throw TransportException.Unreachable()
        }
    }

    private fun readWhole(stream: InputStream, status: Int): ByteArray {
        val read = ByteArrayOutputStream()
        val chunk = ByteArray(CHUNK)
        while (true) {
            val count = stream.read(chunk)
            if (count < 0) return read.toByteArray()
            if (read.size() + count > longestAnswer) throw TransportException.Status(status.toUShort())
            read.write(chunk, 0, count)
        }
    }
}
