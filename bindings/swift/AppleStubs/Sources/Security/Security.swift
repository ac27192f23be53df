// Of Security.framework: generic passwords, kept in a table of this process.
import Foundation

public typealias OSStatus = Int32
public typealias CFString = String
public typealias CFDictionary = [String: Any]
public typealias CFTypeRef = Any

public let kSecClass: CFString = "class"
public let kSecClassGenericPassword: CFString = "genp"
public let kSecAttrService: CFString = "svce"
public let kSecAttrAccount: CFString = "acct"
public let kSecAttrGeneric: CFString = "gena"
public let kSecAttrAccessGroup: CFString = "agrp"
public let kSecAttrAccessible: CFString = "pdmn"
public let kSecAttrSynchronizable: CFString = "sync"
public let kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly: CFString = "akpu"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly: CFString = "cku"
public let kSecUseDataProtectionKeychain: CFString = "nleg"
public let kSecMatchLimit: CFString = "m_Limit"
public let kSecMatchLimitOne: CFString = "m_LimitOne"
public let kSecMatchLimitAll: CFString = "m_LimitAll"
public let kSecReturnAttributes: CFString = "r_Attributes"
public let kSecReturnData: CFString = "r_Data"
public let kSecValueData: CFString = "v_Data"

public let errSecSuccess: OSStatus = 0
public let errSecParam: OSStatus = -50
public let errSecDecode: OSStatus = -26275
public let errSecDuplicateItem: OSStatus = -25299
public let errSecItemNotFound: OSStatus = -25300
public let errSecInteractionNotAllowed: OSStatus = -25308

public final class SecAccessControl: Sendable {}

public struct SecAccessControlCreateFlags: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let privateKeyUsage = Self(rawValue: 1 << 30)
}

public func SecAccessControlCreateWithFlags(
    _ allocator: Any?, _ protection: CFTypeRef, _ flags: SecAccessControlCreateFlags,
    _ error: UnsafeMutableRawPointer?
) -> SecAccessControl? {
    protection as? String == kSecAttrAccessibleWhenPasscodeSetThisDeviceOnly && flags == .privateKeyUsage
        ? SecAccessControl() : nil
}

/// The table, for tests to look at and to lock.
public enum Table {
    fileprivate struct Row {
        var texts: [String: String]
        var datas: [String: Data]
    }

    fileprivate static let lock = NSLock()
    nonisolated(unsafe) fileprivate static var rows: [Row] = []
    nonisolated(unsafe) fileprivate static var status: OSStatus?

    /// What every call answers from now on, whatever it is asked.
    public static func answer(_ status: OSStatus?) { lock.withLock { self.status = status } }

    public static func clear() { lock.withLock { rows = [] } }

    /// One attribute of every item.
    public static func values(of attribute: String) -> [String] {
        lock.withLock { rows.compactMap { $0.texts[attribute] } }
    }

    fileprivate static let primaryKey = [kSecAttrService, kSecAttrAccount, kSecAttrAccessGroup, kSecAttrSynchronizable]

    /// An attribute that the Keychain does not know is refused, as a misspelt query would be by none of our own tests.
    fileprivate static func split(_ attributes: CFDictionary) -> Row? {
        guard attributes[kSecClass] as? String == kSecClassGenericPassword,
            attributes[kSecUseDataProtectionKeychain] as? Bool == true,
            attributes[kSecAttrSynchronizable] as? Bool == false
        else { return nil }
        var row = Row(texts: [:], datas: [:])
        for (name, value) in attributes {
            switch (name, value) {
            case (kSecAttrService, let text as String), (kSecAttrAccount, let text as String),
                (kSecAttrAccessGroup, let text as String), (kSecAttrAccessible, let text as String):
                row.texts[name] = text
            case (kSecAttrGeneric, let data as Data), (kSecValueData, let data as Data):
                row.datas[name] = data
            case (kSecClass, _), (kSecUseDataProtectionKeychain, _), (kSecAttrSynchronizable, _),
                (kSecMatchLimit, _), (kSecReturnAttributes, _), (kSecReturnData, _):
                break
            default:
                return nil
            }
        }
        return row
    }

    fileprivate static func matching(_ query: Row) -> [Int] {
        rows.indices.filter { at in
            query.texts.allSatisfy { rows[at].texts[$0.key] == $0.value }
                && query.datas.allSatisfy { rows[at].datas[$0.key] == $0.value }
        }
    }
}

public func SecItemAdd(_ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    Table.lock.lock()
    defer { Table.lock.unlock() }
    if let status = Table.status { return status }
    guard let row = Table.split(attributes), row.texts[kSecAttrAccessible] != nil else { return errSecParam }
    let key = row.texts.filter { Table.primaryKey.contains($0.key) }
    if !Table.matching(Table.Row(texts: key, datas: [:])).isEmpty { return errSecDuplicateItem }
    Table.rows.append(row)
    return errSecSuccess
}

public func SecItemCopyMatching(_ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?) -> OSStatus {
    Table.lock.lock()
    defer { Table.lock.unlock() }
    if let status = Table.status { return status }
    guard let wanted = Table.split(query), query[kSecReturnAttributes] as? Bool == true else { return errSecParam }
    let all = query[kSecMatchLimit] as? String == kSecMatchLimitAll
    // The Keychain refuses to return the data of many.
    if all && query[kSecReturnData] != nil { return errSecParam }
    let found = Table.matching(wanted).map { at -> CFDictionary in
        var attributes: CFDictionary = Table.rows[at].texts
        attributes[kSecAttrGeneric] = Table.rows[at].datas[kSecAttrGeneric]
        if query[kSecReturnData] as? Bool == true { attributes[kSecValueData] = Table.rows[at].datas[kSecValueData] }
        return attributes
    }
    guard let first = found.first else { return errSecItemNotFound }
    result?.pointee = all ? found : first
    return errSecSuccess
}

public func SecItemUpdate(_ query: CFDictionary, _ change: CFDictionary) -> OSStatus {
    Table.lock.lock()
    defer { Table.lock.unlock() }
    if let status = Table.status { return status }
    guard let wanted = Table.split(query) else { return errSecParam }
    let found = Table.matching(wanted)
    for at in found {
        for (name, value) in change { Table.rows[at].datas[name] = value as? Data }
    }
    return found.isEmpty ? errSecItemNotFound : errSecSuccess
}

public func SecItemDelete(_ query: CFDictionary) -> OSStatus {
    Table.lock.lock()
    defer { Table.lock.unlock() }
    if let status = Table.status { return status }
    guard let wanted = Table.split(query) else { return errSecParam }
    let found = Table.matching(wanted)
    for at in found.reversed() { Table.rows.remove(at: at) }
    return found.isEmpty ? errSecItemNotFound : errSecSuccess
}
