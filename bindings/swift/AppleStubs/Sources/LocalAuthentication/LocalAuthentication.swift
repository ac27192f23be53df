// Of LocalAuthentication.framework: one prompt, which a test answers.
import Foundation

public enum LAPolicy: Int, Sendable {
    case deviceOwnerAuthenticationWithBiometrics = 1
    case deviceOwnerAuthentication = 2
}

public struct LAError: Error, Sendable {
    public enum Code: Int, Sendable {
        case authenticationFailed = -1
        case userCancel = -2
        case userFallback = -3
        case systemCancel = -4
        case passcodeNotSet = -5
        case appCancel = -9
        case notInteractive = -1004
    }

    public let code: Code
    public init(_ code: Code) { self.code = code }
}

open class LAContext: NSObject {
    /// What the holder says to the next prompts: `nil` agrees.
    nonisolated(unsafe) public static var refusal: LAError?
    /// What the holder was last asked.
    nonisolated(unsafe) public static var asked = ""

    open func evaluatePolicy(
        _ policy: LAPolicy, localizedReason: String, reply: @escaping @Sendable (Bool, (any Error)?) -> Void
    ) {
        let refusal = Self.refusal
        Self.asked = localizedReason
        Thread.detachNewThread { reply(refusal == nil, refusal) }
    }
}
