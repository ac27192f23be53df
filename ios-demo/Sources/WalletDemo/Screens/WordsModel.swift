import DcepWallet
import Foundation
import Observation

/// The words of a new account: shown once, and checked back by putting them into their order again.
@MainActor @Observable
public final class WordsModel {
    public enum Step: Hashable, Sendable { case show, checkBack }

    public private(set) var step = Step.show
    /// The words in their order, as long as they are shown.
    public private(set) var shown: [String]
    /// Those that are still to be chosen, in the order of the alphabet.
    public private(set) var choices: [String] = []
    /// Those that were chosen.
    public private(set) var chosen: [String] = []
    public private(set) var trouble: Phrase?
    public private(set) var isBusy = false

    private let words: AccountWords
    private let written: () async throws -> Void

    /// - Parameter written: goes on once they were written down.
    init(_ words: AccountWords, written: @escaping () async throws -> Void) throws {
        self.words = words
        self.written = written
        shown = String(decoding: try words.reveal(), as: UTF8.self).components(separatedBy: " ")
    }

    /// They are written down: from now on nobody sees their order.
    public func checkBack() {
        guard step == .show else { return }
        step = .checkBack
        choices = shown.sorted()
        shown = []
    }

    /// Takes the next word.
    public func choose(at index: Int) {
        guard choices.indices.contains(index) else { return }
        chosen.append(choices.remove(at: index))
    }

    /// Puts the last one back.
    public func takeBack() {
        guard let word = chosen.popLast() else { return }
        choices = (choices + [word]).sorted()
    }

    /// Whether all have been chosen.
    public var isComplete: Bool { step == .checkBack && choices.isEmpty }

    /// Goes on if it is the right order; else it begins anew.
    public func check() async {
        guard isComplete, !isBusy else { return }
        isBusy = true
        defer { isBusy = false }
        trouble = nil
        do {
            guard try words.matches(typed: Data(chosen.joined(separator: " ").utf8)) else { throw Trouble.wrongOrder }
            try await written()
        } catch {
            choices = chosen.sorted()
            chosen = []
            trouble = Phrase(error)
        }
    }
}
