import DcepWallet
import Foundation

/// In the sandbox there is no radio: the taps are made by whoever holds both phones.
struct AloneDevice: Device {
    let folder: URL
    let algorithm: Algorithm
    let asksHolder = false
    let radio: any Radio = NoRadio()

    init(_ device: any Device) {
        folder = device.folder
        algorithm = device.algorithm
    }

    func platform(bank: URL) throws -> Platform? { nil }
}

private struct NoRadio: Radio {
    func sides() async -> [Side] { [] }
    func tap(_ handoff: Handoff, on side: Side, saying words: TapWords) async throws -> HandoffOutcome? {
        throw TapFailure.notSupported
    }
}
