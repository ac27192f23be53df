import DcepWalletSupport
import Foundation

/// A vault over a chip and an item store, as the wallet expects one. On a phone, ``SecureEnclaveVault`` is made of it.
package final class DeviceVault: KeyVault {
    private let vault: ChipVault
    private let confirm: @Sendable (Confirmation) throws(VaultFailure) -> Void

    /// - Parameter confirm: asks the holder, and returns when the holder has agreed.
    package init(
        chip: any Chip, store: any ItemStore,
        confirm: @escaping @Sendable (Confirmation) throws(VaultFailure) -> Void
    ) {
        vault = ChipVault(chip: chip, store: store)
        self.confirm = confirm
    }

    package func createKey(wallet: Data, algorithm: Algorithm) throws -> VaultKey {
        // It is the one that the chip has.
        guard algorithm == .p256 else { throw VaultError.unavailable }
        let key = try declared { () throws(VaultFailure) in try vault.createKey(wallet: wallet) }
        return VaultKey(
            handle: key.handle, publicKey: key.publicKey, algorithm: .p256, assurance: .secureElement)
    }

    package func signAll(requests: [SignRequest]) throws -> [Data] {
        try declared { () throws(VaultFailure) in
            try vault.signAll(requests.map { (handle: $0.key, message: $0.message) })
        }
    }

    package func listKeys(wallet: Data) throws -> [Data]? {
        try declared { () throws(VaultFailure) in try vault.keys(wallet: wallet) }
    }

    package func deleteKey(handle: Data) throws -> Data {
        try declared { () throws(VaultFailure) in try vault.delete(handle: handle) }
        return handle
    }

    package func authorize(what: Confirmation) throws -> Amount {
        try declared { () throws(VaultFailure) in try confirm(what) }
        return what.amount
    }

    package func wrap(dataKey: Data) throws -> Data {
        try declared { () throws(VaultFailure) in try vault.wrap(dataKey) }
    }

    package func unwrap(wrapped: Data) throws -> Data {
        try declared { () throws(VaultFailure) in try vault.unwrap(wrapped) }
    }

    private func declared<T>(_ ask: () throws(VaultFailure) -> T) throws(VaultError) -> T {
        do {
            return try ask()
        } catch {
            throw VaultError(error)
        }
    }
}

/// A guard over an item store, as the wallet expects one. On a phone, ``KeychainGuard`` is made of it.
package final class DeviceGuard: RollbackGuard {
    private let heads: HeadKeeper

    package init(store: any ItemStore) {
        heads = HeadKeeper(store: store)
    }

    package func read(wallet: Data) throws -> Head? {
        do {
            return try heads.read(wallet: wallet).map(Head.init)
        } catch {
            throw GuardError.unavailable
        }
    }

    package func advance(known: Head?, head: Head) throws -> Head {
        do {
            let next = try known.map(JournalHead.init(checking:))
            return Head(try heads.advance(known: next, to: try JournalHead(checking: head)))
        } catch {
            throw GuardError.unavailable
        }
    }
}

extension Confirmation {
    /// How much the holder is asked to agree to.
    public var amount: Amount {
        switch self {
        case .upTo(let amount), .exactly(let amount), .request(_, let amount): amount
        }
    }

    /// What a prompt can say, in one line: "Pay 37.45 yuan".
    public func sentence(_ language: Language) -> String {
        switch (self, language) {
        case (.upTo, .english): "Pay up to \(amount) yuan"
        case (_, .english): "Pay \(amount) yuan"
        case (.upTo, .simplifiedChinese): "支付不超过 \(amount) 元"
        case (_, .simplifiedChinese): "支付 \(amount) 元"
        }
    }
}

extension VaultError {
    fileprivate init(_ failure: VaultFailure) {
        self =
            switch failure {
            case .userCancelled: .userCancelled
            case .locked: .locked
            case .keyInvalidated: .keyInvalidated
            case .unavailable: .unavailable
            case .wrongKey: .wrongKey
            }
    }
}

extension JournalHead {
    fileprivate init(checking head: Head) throws(GuardError) {
        guard let head = JournalHead(wallet: head.wallet, number: head.number, digest: head.digest) else {
            throw .unavailable
        }
        self = head
    }
}

extension Head {
    fileprivate init(_ head: JournalHead) {
        self.init(wallet: head.wallet, number: head.number, digest: head.digest)
    }
}
