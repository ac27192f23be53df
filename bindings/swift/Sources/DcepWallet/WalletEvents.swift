import Foundation

extension Wallet {
    /// What happened and was not acknowledged, oldest first; and then whatever happens, as it happens.
    ///
    /// ```swift
    /// for try await event in wallet.events { show(event) }
    /// ```
    ///
    /// An event is acknowledged when the body of the loop has dealt with it and the loop asks for the next one. A body that
    /// throws or leaves the loop has not heard it: it comes again, over any number of restarts. So do not let anything
    /// collect events ahead of who deals with them.
    ///
    /// One loop at a time: a later one ends the earlier one. The loop also ends when its task is cancelled, and when the
    /// `async` form of `shutDown` closes the wallet. It throws ``WalletError/locked`` once the wallet is locked.
    public var events: WalletEvents { WalletEvents(wallet: self) }
}

/// The events of a wallet, see ``Wallet/events``.
public struct WalletEvents: AsyncSequence, Sendable {
    /// An event.
    public typealias Element = Event

    let wallet: Wallet

    /// Begins with the oldest event that was not acknowledged.
    public func makeAsyncIterator() -> Iterator { Iterator(wallet: wallet) }

    /// One loop over the events.
    public struct Iterator: AsyncIteratorProtocol {
        private let wallet: Wallet
        private var rings: AsyncStream<Void>.Iterator?
        private var shown: UInt64?

        fileprivate init(wallet: Wallet) {
            self.wallet = wallet
        }

        /// Acknowledges the event that it returned last, and returns the next one, as soon as there is one; `nil` at the
        /// end.
        public mutating func next() async throws -> Event? {
            if let heard = shown {
                try await wallet.acknowledgeEvent(id: heard)
                shown = nil
            }
            if rings == nil {
                let (stream, bell) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
                try wallet.setObserver(observer: Bell(bell))
                rings = stream.makeAsyncIterator()
            }
            while !Task.isCancelled {
                if let event = try await wallet.nextEvent() {
                    shown = event.id
                    return event
                }
                guard await rings?.next() != nil else { return nil }
            }
            return nil
        }
    }
}

/// Rings when there is something new; for the last time when the wallet has let go of it.
private final class Bell: EventObserver {
    private let stream: AsyncStream<Void>.Continuation

    init(_ stream: AsyncStream<Void>.Continuation) {
        self.stream = stream
    }

    deinit { stream.finish() }

    func eventsWaiting() throws {
        stream.yield()
    }
}
