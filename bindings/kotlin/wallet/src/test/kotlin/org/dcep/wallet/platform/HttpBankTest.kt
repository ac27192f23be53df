package org.dcep.wallet.platform

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import org.dcep.wallet.TransportException
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Test
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import kotlin.test.assertContentEquals
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith

class HttpBankTest {
    private val loopback = InetAddress.getLoopbackAddress()
    private val server = HttpServer.create(InetSocketAddress(loopback, 0), 0)
    private val address = "http://${loopback.hostAddress}:${server.address.port}"
    private val asked = mutableListOf<String>()

    private fun serve(answer: HttpExchange.(body: ByteArray) -> Unit): HttpBank {
        server.createContext("/") { exchange ->
            val body = exchange.requestBody.readBytes()
            asked += "${exchange.requestMethod} ${exchange.requestURI} ${exchange.requestHeaders.getFirst("Content-Type")}"
            exchange.use { it.answer(body) }
        }
        server.start()
        return HttpBank("$address/", longestAnswer = 1_000)
    }

    private inline fun HttpExchange.use(work: (HttpExchange) -> Unit) = try { work(this) } finally { close() }

    private fun HttpExchange.send(status: Int, body: ByteArray) {
        sendResponseHeaders(status, body.size.toLong().takeIf { it > 0 } ?: -1)
        responseBody.write(body)
    }

    @AfterEach
    fun stop() = server.stop(0)

    @Test
    fun `calls and bundles are fetched`() {
        val bank = serve { body -> send(200, body + byteArrayOf(7)) }
        assertContentEquals(byteArrayOf(1, 2, 7), bank.call(byteArrayOf(1, 2)))
        assertContentEquals(byteArrayOf(7), bank.trust())
        assertEquals(listOf("POST /v1/calls application/cbor", "GET /v1/trust null"), asked)
    }

    @Test
    fun `any other status is said`() {
        val bank = serve { send(503, byteArrayOf(1)) }
        assertEquals(503.toUShort(), assertFailsWith<TransportException.Status> { bank.trust() }.status)
    }

    @Test
    fun `a redirection is not followed`() {
        val bank = serve {
            responseHeaders.add("Location", "/elsewhere")
            send(if (requestURI.path == "/elsewhere") 200 else 307, byteArrayOf())
        }
        assertEquals(307.toUShort(), assertFailsWith<TransportException.Status> { bank.call(byteArrayOf(1)) }.status)
        assertEquals(307.toUShort(), assertFailsWith<TransportException.Status> { bank.trust() }.status)
        assertEquals(2, asked.size)
    }

    @Test
    fun `an answer without an end is not read to it`() {
        val bank = serve { send(200, ByteArray(1_001)) }
        assertEquals(200.toUShort(), assertFailsWith<TransportException.Status> { bank.trust() }.status)
    }

    @Test
    fun `where nobody listens the bank is unreachable`() {
        val port = ServerSocket(0, 1, loopback).use { it.localPort }
        assertFailsWith<TransportException.Unreachable> { HttpBank("http://${loopback.hostAddress}:$port").trust() }
    }

    @Test
    fun `who listens and says nothing is late`() {
        ServerSocket(0, 1, loopback).use { silent ->
            val bank = HttpBank("http://${loopback.hostAddress}:${silent.localPort}", answerMillis = 1)
            assertFailsWith<TransportException.TimedOut> { bank.call(byteArrayOf(1)) }
        }
    }

    @Test
    fun `an address is that of a web server`() {
        assertFailsWith<IllegalArgumentException> { HttpBank("bank.example") }
    }
}
