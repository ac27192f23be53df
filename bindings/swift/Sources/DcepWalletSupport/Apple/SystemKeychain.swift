#if canImport(Security)
import Foundation
import Security

/// The device's Keychain: every item is a generic password that never leaves this device.
package struct SystemKeychain: ItemStore {
    private let accessGroup: String?

    /// - Parameter accessGroup: for an app and its extensions that share one wallet; the app's own if `nil`.
    package init(accessGroup: String? = nil) {
        self.accessGroup = accessGroup
    }

    package func add(_ item: Item, of kind: ItemKind) throws(ItemStoreFailure) {
        var attributes = query(service: item.name.service, account: item.name.account)
        attributes[kSecAttrAccessible as String] =
            switch kind {
            case .neverCopied: kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly
            case .thisDevice: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
            }
        attributes[kSecAttrGeneric as String] = item.mark
        attributes[kSecValueData as String] = item.secret
        try check(SecItemAdd(attributes as CFDictionary, nil))
    }

    package func read(_ name: ItemName) throws(ItemStoreFailure) -> Item? {
        var query = query(service: name.service, account: name.account)
        query[kSecMatchLimit as String] = kSecMatchLimitOne
        query[kSecReturnAttributes as String] = true
        query[kSecReturnData as String] = true
        guard let found = try matches(query) else { return nil }
        guard let attributes = found as? [String: Any] else { throw .unavailable(status: errSecDecode) }
        return Item(
            name: name,
            mark: attributes[kSecAttrGeneric as String] as? Data ?? Data(),
            secret: attributes[kSecValueData as String] as? Data ?? Data())
    }

    package func exchangeMark(of name: ItemName, known: Data, new: Data) throws(ItemStoreFailure) -> Bool {
        var query = query(service: name.service, account: name.account)
        query[kSecAttrGeneric as String] = known
        let change: [String: Any] = [kSecAttrGeneric as String: new]
        let status = SecItemUpdate(query as CFDictionary, change as CFDictionary)
        if status == errSecItemNotFound { return false }
        try check(status)
        return true
    }

    package func accounts(of service: String) throws(ItemStoreFailure) -> [String] {
        var query = query(service: service, account: nil)
        query[kSecMatchLimit as String] = kSecMatchLimitAll
        query[kSecReturnAttributes as String] = true
        guard let found = try matches(query) else { return [] }
        guard let items = found as? [[String: Any]] else { throw .unavailable(status: errSecDecode) }
        return items.compactMap { $0[kSecAttrAccount as String] as? String }
    }

    package func delete(_ name: ItemName) throws(ItemStoreFailure) {
        let status = SecItemDelete(query(service: name.service, account: name.account) as CFDictionary)
        if status != errSecItemNotFound { try check(status) }
    }

    private func query(service: String, account: String?) -> [String: Any] {
        var query: [String: Any] = [
            kSecClass as String: kSecClassGenericPassword,
            kSecAttrService as String: service,
            kSecAttrSynchronizable as String: false,
            // On a Mac there is an older keychain beside it, which knows nothing of access classes.
            kSecUseDataProtectionKeychain as String: true,
        ]
        query[kSecAttrAccount as String] = account
        query[kSecAttrAccessGroup as String] = accessGroup
        return query
    }

    /// What matches; `nil` if nothing does.
    private func matches(_ query: [String: Any]) throws(ItemStoreFailure) -> Any? {
        var found: CFTypeRef?
        let status = SecItemCopyMatching(query as CFDictionary, &found)
        if status == errSecItemNotFound { return nil }
        try check(status)
        return found
    }

    private func check(_ status: OSStatus) throws(ItemStoreFailure) {
        switch status {
        case errSecSuccess: return
        case errSecDuplicateItem: throw .duplicate
        case errSecInteractionNotAllowed: throw .locked
        default: throw .unavailable(status: status)
        }
    }
}
#endif
