import DcepWalletSupport
import Foundation

/// The line to the bank over HTTPS, on a `URLSession` of its own: no cookies, no cache, no redirections, and an answer of at
/// most 4 MiB.
///
/// Its calls block until the answer is there, or the time is up. The wallet makes them, on the thread of whoever called it.
public final class HttpBank: BankTransport {
    private let line: HttpLine

    /// - Parameters:
    ///   - address: such as `https://bank.example`. `nil` unless it is `https`; or `http` to this very device, for tests.
    ///   - timeout: how long a call may take as a whole, in seconds.
    public init?(_ address: URL, timeout: TimeInterval = 30) {
        guard let address = BankAddress(address) else { return nil }
        line = HttpLine(address: address, timeout: timeout)
    }

    /// `POST /v1/calls`.
    /// - Throws: ``TransportError``.
    public func call(call: Data) throws -> Data {
        try declared { () throws(TransportFailure) in try line.call(call) }
    }

    /// `GET /v1/trust`.
    /// - Throws: ``TransportError``.
    public func trust() throws -> Data {
        try declared { () throws(TransportFailure) in try line.trust() }
    }

    private func declared(_ ask: () throws(TransportFailure) -> Data) throws(TransportError) -> Data {
        do {
            return try ask()
        } catch {
            throw TransportError(error)
        }
    }
}

extension TransportError {
    fileprivate init(_ failure: TransportFailure) {
        self =
            switch failure {
            case .unreachable: .unreachable
            case .timedOut: .timedOut
            case .status(let status): .status(status: status)
            }
    }
}
