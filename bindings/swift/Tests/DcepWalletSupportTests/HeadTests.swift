import Foundation
import Testing

@testable import DcepWalletSupport

private let wallet = Data(repeating: 7, count: 16)

private func head(_ number: UInt64, digest: UInt8 = 9) throws -> JournalHead {
    try #require(JournalHead(wallet: wallet, number: number, digest: Data(repeating: digest, count: 32)))
}

@Suite struct HeadTests {
    @Test(arguments: [0, 1, 255, 256, UInt64.max]) func aHeadComesBack(number: UInt64) throws {
        let head = try head(number)
        #expect(JournalHead(encoded: head.encoded) == head)
        #expect(head.encoded.count == 57)
    }

    @Test func theEncodingIsFrozen() throws {
        let head = try head(0x0102_0304_0506_0708)
        #expect(
            head.encoded.hexadecimal
                == "01" + String(repeating: "07", count: 16) + "0102030405060708" + String(repeating: "09", count: 32))
    }

    @Test func otherBytesAreNoHead() throws {
        let head = try head(1)
        let encoded = head.encoded
        #expect(JournalHead(encoded: encoded.dropLast()) == nil)
        #expect(JournalHead(encoded: encoded + [0]) == nil)
        #expect(JournalHead(encoded: [2] + encoded.dropFirst()) == nil)
        #expect(JournalHead(encoded: Data()) == nil)
        #expect(JournalHead(wallet: Data(), number: 1, digest: Data(count: 32)) == nil)
        #expect(JournalHead(wallet: wallet, number: 1, digest: Data(count: 31)) == nil)
        // A slice whose first index is not 0.
        #expect(JournalHead(encoded: (Data([0]) + encoded).dropFirst()) == head)
    }

    @Test func theLastHeadIsKept() throws {
        let store = TableStore()
        let keeper = HeadKeeper(store: store)
        #expect(try keeper.read(wallet: wallet) == nil)
        #expect(try keeper.advance(known: nil, to: head(1)) == head(1))
        #expect(try keeper.advance(known: head(1), to: head(2)) == head(2))
        // Somebody else has gone on.
        #expect(try keeper.advance(known: head(1), to: head(3)) == head(2))
        #expect(try keeper.advance(known: head(2, digest: 8), to: head(3)) == head(2))
        #expect(try keeper.advance(known: nil, to: head(3)) == head(2))
        #expect(try HeadKeeper(store: store).read(wallet: wallet) == head(2))
        #expect(try keeper.read(wallet: Data(repeating: 8, count: 16)) == nil)
    }

    @Test func ofManyAtOnceOneMovesTheHeadOn() async throws {
        let keeper = HeadKeeper(store: TableStore())
        let first = try head(1)
        _ = try keeper.advance(known: nil, to: first)
        let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
            for copy in UInt8(1)...40 {
                let own = try head(2, digest: copy)
                group.addTask { try keeper.advance(known: first, to: own) == own }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(winners == 1)
    }

    @Test func whatCannotBeReadIsNotNothing() throws {
        let store = TableStore()
        let keeper = HeadKeeper(store: store)
        _ = try keeper.advance(known: nil, to: head(1))
        for failure in [ItemStoreFailure.locked, .unavailable(status: -1)] {
            store.fail(with: failure)
            #expect(throws: HeadUnavailable()) { try keeper.read(wallet: wallet) }
            #expect(throws: HeadUnavailable()) { try keeper.advance(known: head(1), to: head(2)) }
            #expect(throws: HeadUnavailable()) { try keeper.advance(known: nil, to: head(2)) }
        }
        store.fail(with: nil)
        #expect(try keeper.read(wallet: wallet) == head(1))
        store.spoil(Data([1, 2, 3]))
        #expect(throws: HeadUnavailable()) { try keeper.read(wallet: wallet) }
        #expect(throws: HeadUnavailable()) { try keeper.advance(known: head(1), to: head(2)) }
    }

    @Test func aHeadIsNotBroughtBackOutOfNothing() throws {
        let store = TableStore()
        let keeper = HeadKeeper(store: store)
        _ = try keeper.advance(known: nil, to: head(1))
        store.removePasscode()
        #expect(throws: HeadUnavailable()) { try keeper.advance(known: head(1), to: head(2)) }
        #expect(try keeper.read(wallet: wallet) == nil)
    }
}

@Suite struct HexadecimalTests {
    @Test func bytesComeBack() {
        let all = Data(UInt8.min...UInt8.max)
        #expect(Data(hexadecimal: all.hexadecimal) == all)
        #expect(Data([0, 0x0a, 0xff]).hexadecimal == "000aff")
    }

    @Test(arguments: ["0", "0G", "0A", "0x", " 0", "٠٠"]) func anythingElseIsRefused(text: String) {
        #expect(Data(hexadecimal: text) == nil)
    }
}
