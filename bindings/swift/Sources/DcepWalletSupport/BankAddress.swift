import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Where a bank is asked, and with what.
package struct BankAddress: Equatable, Sendable {
    private let base: URL

    /// - Parameter base: such as `https://bank.example`, with or without a path. `nil` unless it begins with `https`,
    ///   or with `http` and a loopback address: calls are signed, but who pays whom is nobody else's business.
    package init?(_ base: URL) {
        guard let scheme = base.scheme?.lowercased(), let host = base.host, !host.isEmpty,
            base.query == nil, base.fragment == nil
        else { return nil }
        let loopback = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host.lowercased())
        guard scheme == "https" || scheme == "http" && loopback else { return nil }
        self.base = base
    }

    /// `POST /v1/calls`, with the call's bytes.
    package func call(_ call: Data) -> URLRequest {
        var request = request(for: "calls")
        request.httpMethod = "POST"
        request.httpBody = call
        request.setValue("application/cbor", forHTTPHeaderField: "content-type")
        return request
    }

    /// `GET /v1/trust`.
    package var trust: URLRequest { request(for: "trust") }

    private func request(for what: String) -> URLRequest {
        URLRequest(url: base.appendingPathComponent("v1").appendingPathComponent(what))
    }
}

/// Why no answer came from the bank. What each means to the wallet stands in the core's `TransportError`.
package enum TransportFailure: Error, Equatable, Sendable {
    case unreachable
    case timedOut
    /// What answered does not speak the protocol; 0 if it does not even speak HTTP.
    case status(UInt16)

    /// The failure that an error of a URL session is.
    package init(_ error: any Error) {
        switch (error as? URLError)?.code {
        // The request may have arrived: the bank may have acted.
        case .timedOut?, .networkConnectionLost?: self = .timedOut
        case .badServerResponse?, .cannotParseResponse?, .cannotDecodeRawData?, .cannotDecodeContentData?,
            .dataLengthExceedsMaximum?, .zeroByteResource?:
            self = .status(0)
        default: self = .unreachable
        }
    }
}
