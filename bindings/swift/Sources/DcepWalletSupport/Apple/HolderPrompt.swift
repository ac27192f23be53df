#if canImport(LocalAuthentication)
import Foundation
@preconcurrency import LocalAuthentication

/// Asks for the holder's face, finger or passcode.
package struct HolderPrompt: Sendable {
    package init() {}

    /// Waits for the answer. Not on the main thread, which shows the prompt.
    /// - Parameter reason: what the holder agrees to, in the holder's language.
    package func confirm(reason: String) throws(VaultFailure) {
        let answer = Answer()
        let context = LAContext()
        context.evaluatePolicy(.deviceOwnerAuthentication, localizedReason: reason) { agreed, error in
            answer.give(agreed ? nil : Self.failure(error))
        }
        if let failure = answer.wait() { throw failure }
    }

    private static func failure(_ error: (any Error)?) -> VaultFailure {
        switch (error as? LAError)?.code {
        // Somebody else's finger is a "no" too.
        case .userCancel?, .appCancel?, .systemCancel?, .userFallback?, .authenticationFailed?: .userCancelled
        case .notInteractive?: .locked
        default: .unavailable
        }
    }

    /// Written once, by whichever thread; read after that.
    private final class Answer: @unchecked Sendable {
        private let given = DispatchSemaphore(value: 0)
        private var failure: VaultFailure?

        func give(_ failure: VaultFailure?) {
            self.failure = failure
            given.signal()
        }

        func wait() -> VaultFailure? {
            given.wait()
            return failure
        }
    }
}
#endif
