import Dispatch

/// Runs a call that blocks where it may, and waits for its end. The package does so for the wallet's own calls; this is for
/// those of the sandbox.
func offMain<T: Sendable>(_ call: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global(qos: .userInitiated).async { continuation.resume(with: Result { try call() }) }
    }
}
