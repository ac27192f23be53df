import DcepWallet
import Foundation
import Observation

/// A slip as a code that another phone reads: one that stands still, or one that moves.
@MainActor @Observable
public final class CodeModel: Identifiable {
    /// A code to draw.
    public struct Code: Hashable, Sendable {
        /// How many modules there are along each side; around them there must be four more of light.
        public let side: Int
        private let modules: Data

        init(_ frame: QrFrame) {
            side = Int(frame.side)
            modules = frame.modules
        }

        public func isDark(row: Int, column: Int) -> Bool {
            modules[modules.startIndex + row * side + column] == 1
        }
    }

    /// What is drawn now.
    public private(set) var code: Code?
    /// What the holder does with it.
    public let invitation: Phrase
    /// Whether `next` has to be called some five times a second.
    public let isMoving: Bool
    /// The same as a file, for who cannot hold the phones before each other.
    public let file: Data

    private let slip: Slip
    private var number: UInt32 = 0

    /// - Throws: `SlipError`.
    init(_ slip: Slip) throws {
        self.slip = slip
        invitation = .invitation(for: try slip.kind())
        isMoving = try slip.frameCount() > 1
        file = try slip.bytes()
        code = Code(try slip.frame(number: number))
    }

    /// Draws the next frame. There is one for every number; whoever reads them may miss any.
    public func next() {
        guard isMoving else { return }
        number &+= 1
        code = (try? slip.frame(number: number)).map(Code.init)
    }

    /// What the code says, for a camera in the same process.
    func text() throws -> String { try slip.frame(number: number).text }
}

extension Phrase {
    fileprivate static func invitation(for kind: SlipKind) -> Phrase {
        switch kind {
        case .request: Phrase("Let the payer scan this code.")
        case .payment: Phrase("Let the payee scan this code. It can be shown again at any time: nothing is paid twice.")
        case .receipt: Phrase("Let the payer scan this receipt.")
        case .refund: Phrase("Let whoever paid scan this refund.")
        }
    }
}
