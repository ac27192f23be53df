import DcepWallet
import Foundation
import Observation

/// Reading a slip from the codes that a camera sees, in any order; or from a file.
@MainActor @Observable
public final class ScanModel: Identifiable {
    /// How much of a moving code is read, of 1; `nil` before anything was.
    public private(set) var read: Double?
    /// The same in words.
    public private(set) var progress: Phrase?
    public private(set) var trouble: Phrase?

    private let scanner: SlipScanner
    private let found: (Slip) async -> Void
    private var isThrough = false

    /// - Parameter found: takes the slip once it is complete.
    init(found: @escaping (Slip) async -> Void) throws {
        scanner = try SlipScanner()
        self.found = found
    }

    /// Takes the text of a code. A camera sees many that are none of ours, and goes on looking.
    public func see(_ text: String) async {
        guard !isThrough else { return }
        do {
            let scan = try scanner.scan(text: text)
            read = Double(scan.percent) / 100
            progress = Phrase("%@ percent read", .verbatim(scan.percent))
            trouble = nil
            if let slip = scan.slip { await take(slip) }
        } catch SlipError.foreign {
            // What it has read of ours stays.
        } catch {
            trouble = Phrase(error)
        }
    }

    /// Takes a file.
    public func open(_ file: Data) async {
        guard !isThrough else { return }
        do {
            await take(try Slip.fromBytes(bytes: file))
        } catch {
            trouble = Phrase(error)
        }
    }

    private func take(_ slip: Slip) async {
        isThrough = true
        await found(slip)
    }
}
