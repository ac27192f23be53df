import Foundation

/// Where the `async` forms of the calls really run: on threads that may be blocked, never on one of the cooperative pool,
/// which has few.
enum OffThePool {
    /// One after the other, so that no call meets another one that waits for the user at a prompt.
    struct Queue: Sendable {
        /// For everything that asks the device alone.
        static let wallet = Queue("org.dcep.wallet", .userInitiated)
        /// For everything that asks the bank. Apart, because payments go on while the bank is slow.
        static let bank = Queue("org.dcep.wallet.bank", .utility)

        fileprivate let dispatch: DispatchQueue

        private init(_ label: String, _ priority: DispatchQoS) {
            dispatch = DispatchQueue(label: label, qos: priority)
        }
    }

    /// Runs a call there and waits for its end, also if the task is cancelled meanwhile: what the call did is on the disk,
    /// and its result is money that somebody has to hear of.
    static func run<T: Sendable>(
        on queue: Queue, _ call: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.dispatch.async { continuation.resume(with: Result { try call() }) }
        }
    }
}
