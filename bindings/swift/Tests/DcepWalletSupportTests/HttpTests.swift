import Foundation
import Testing

@testable import DcepWalletSupport

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

@Suite struct BankAddressTests {
    @Test(arguments: [
        ("https://bank.example", "https://bank.example/v1/trust"),
        ("https://bank.example/", "https://bank.example/v1/trust"),
        ("https://bank.example/wallets/", "https://bank.example/wallets/v1/trust"),
        ("http://127.0.0.1:7070", "http://127.0.0.1:7070/v1/trust"),
        ("http://localhost", "http://localhost/v1/trust"),
    ])
    func pathsAreAdded(base: String, trust: String) throws {
        let url = try #require(URL(string: base))
        let address = try #require(BankAddress(url))
        #expect(address.trust.url?.absoluteString == trust)
        let call = address.call(Data([1, 2]))
        #expect(call.httpMethod == "POST")
        #expect(call.httpBody == Data([1, 2]))
        #expect(call.value(forHTTPHeaderField: "content-type") == "application/cbor")
    }

    @Test(arguments: [
        "http://bank.example", "ftp://bank.example", "bank.example", "https://", "https://bank.example?a=b",
        "https://bank.example#a", "http://localhost.example", "file:///etc",
    ])
    func anythingElseIsRefused(base: String) throws {
        let url = try #require(URL(string: base))
        #expect(BankAddress(url) == nil)
    }
}

@Suite struct HttpLineTests {
    private func line(to bank: LoopbackServer, timeout: TimeInterval = 30, limit: Int = 1000) throws -> HttpLine {
        let url = try #require(URL(string: "http://127.0.0.1:\(bank.port)"))
        return HttpLine(address: try #require(BankAddress(url)), timeout: timeout, limit: limit)
    }

    @Test func bytesGoThereAndBack() async throws {
        let bank = try LoopbackServer { request in
            let body = request.range(of: Data("\r\n\r\n".utf8)).map { request[$0.upperBound...] } ?? Data()
            return answer("200 OK", Data("heard ".utf8) + body)
        }
        let line = try line(to: bank)
        let answers = try await blocking { [try line.call(Data([0, 1, 0xff])), try line.trust()] }
        #expect(answers == [Data("heard ".utf8) + [0, 1, 0xff], Data("heard ".utf8)])
        let requests = bank.requests.map { String(decoding: $0, as: UTF8.self) }
        #expect(requests.first?.hasPrefix("POST /v1/calls HTTP/1.1\r\n") == true)
        #expect(requests.last?.hasPrefix("GET /v1/trust HTTP/1.1\r\n") == true)
    }

    @Test(arguments: ["201 Created", "204 No Content", "404 Not Found", "503 Service Unavailable"])
    func onlyOneStatusIsAnAnswer(status: String) async throws {
        let bank = try LoopbackServer { _ in answer(status, Data()) }
        let line = try line(to: bank)
        let number = try #require(UInt16(status.prefix(3)))
        try await blocking { #expect(throws: TransportFailure.status(number)) { try line.trust() } }
    }

    @Test func noRedirectionIsFollowed() async throws {
        let bank = try LoopbackServer { _ in answer("302 Found", Data(), "location: /elsewhere\r\n") }
        let line = try line(to: bank)
        try await blocking { #expect(throws: TransportFailure.status(302)) { try line.trust() } }
        #expect(bank.requests.count == 1)
    }

    @Test func anAnswerThatIsTooLongIsNoAnswer() async throws {
        let bank = try LoopbackServer { request in
            answer("200 OK", Data(count: request.starts(with: Data("GET".utf8)) ? 1000 : 1001))
        }
        let line = try line(to: bank)
        try await blocking {
            #expect(throws: TransportFailure.status(0)) { try line.call(Data()) }
            #expect(throws: Never.self) { _ = try line.trust() }
        }
    }

    @Test func nobodyThereIsUnreachable() async throws {
        let bank = try LoopbackServer { _ in Data() }
        let line = try line(to: bank)
        bank.close()
        try await blocking { #expect(throws: TransportFailure.unreachable) { try line.trust() } }
    }

    @Test func manyAtOnceGetTheirOwnAnswers() async throws {
        let bank = try LoopbackServer { request in answer("200 OK", Data(request.suffix(1))) }
        let line = try line(to: bank)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in UInt8(1)...8 {
                group.addTask {
                    let heard = try await blocking { try line.call(Data([number])) }
                    #expect(heard == Data([number]))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func errorsOfTheSessionAreSorted() {
        #expect(TransportFailure(URLError(.timedOut)) == .timedOut)
        #expect(TransportFailure(URLError(.networkConnectionLost)) == .timedOut)
        #expect(TransportFailure(URLError(.cannotConnectToHost)) == .unreachable)
        #expect(TransportFailure(URLError(.notConnectedToInternet)) == .unreachable)
        #expect(TransportFailure(URLError(.secureConnectionFailed)) == .unreachable)
        #expect(TransportFailure(URLError(.cannotParseResponse)) == .status(0))
        #expect(TransportFailure(CancellationError()) == .unreachable)
    }
}

/// Off the cooperative pool, as the wallet calls it.
private func blocking<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
    let result = await withCheckedContinuation { continuation in
        Thread.detachNewThread { continuation.resume(returning: Result { try work() }) }
    }
    return try result.get()
}

private func answer(_ status: String, _ body: Data, _ headers: String = "") -> Data {
    Data("HTTP/1.1 \(status)\r\ncontent-length: \(body.count)\r\nconnection: close\r\n\(headers)\r\n".utf8) + body
}
