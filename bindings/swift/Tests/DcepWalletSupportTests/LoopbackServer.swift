import Foundation

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What was noted, by whichever thread.
private final class Notes: @unchecked Sendable {
    private let lock = NSLock()
    private var noted: [Data] = []

    var all: [Data] { lock.withLock { noted } }

    func note(_ what: Data) { lock.withLock { noted.append(what) } }
}

/// An HTTP server on loopback that reads one request per connection and answers with the bytes it is told.
final class LoopbackServer: Sendable {
    let port: UInt16
    private let heard = Notes()
    private let ended = DispatchSemaphore(value: 0)
    private let closing = Notes()

    struct SocketError: Error {
        var number = errno
    }

    init(answer: @escaping @Sendable (Data) -> Data) throws {
        let listener = socket(AF_INET, Self.stream, 0)
        let bound = Self.withAddress(port: 0) { bind(listener, $0, $1) == 0 && listen(listener, 16) == 0 }
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) == 0 }
        }
        guard bound, named else { throw SocketError() }
        port = UInt16(bigEndian: address.sin_port)
        let (heard, closing, ended) = (heard, closing, ended)
        Thread.detachNewThread {
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 || !closing.all.isEmpty {
                    // Only this thread closes what it accepts on: a number closed elsewhere may be another's by now.
                    _ = Self.shut(connection)
                    _ = Self.shut(listener)
                    ended.signal()
                    return
                }
                Thread.detachNewThread {
                    let request = Self.read(from: connection)
                    heard.note(request)
                    Self.write(answer(request), to: connection)
                    _ = Self.shut(connection)
                }
            }
        }
    }

    deinit { close() }

    /// Every request so far, in the order in which they were read.
    var requests: [Data] { heard.all }

    /// Refuses connections from now on.
    func close() {
        guard closing.all.isEmpty else { return }
        closing.note(Data([1]))
        let wake = socket(AF_INET, Self.stream, 0)
        _ = Self.withAddress(port: port) { connect(wake, $0, $1) }
        ended.wait()
        _ = Self.shut(wake)
    }

    private static var stream: Int32 {
        #if canImport(Glibc)
        Int32(SOCK_STREAM.rawValue)
        #else
        SOCK_STREAM
        #endif
    }

    private static func withAddress<T>(port: UInt16, _ work: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                work($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func shut(_ descriptor: Int32) -> Int32 {
        #if canImport(Glibc)
        Glibc.close(descriptor)
        #else
        Darwin.close(descriptor)
        #endif
    }

    /// Until the blank line, and then as many bytes as `content-length` says.
    private static func read(from connection: Int32) -> Data {
        var request = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = request.range(of: Data("\r\n\r\n".utf8)) {
                let head = String(decoding: request[..<end.lowerBound], as: UTF8.self).lowercased()
                let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
                let wanted = length.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0
                if request.count - end.upperBound >= wanted { return request }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return request }
            request.append(contentsOf: buffer[..<count])
        }
    }

    private static func write(_ answer: Data, to connection: Int32) {
        var rest = [UInt8](answer)
        while !rest.isEmpty {
            let sent = send(connection, rest, rest.count, Int32(MSG_NOSIGNAL))
            guard sent > 0 else { return }
            rest.removeFirst(sent)
        }
    }
}
