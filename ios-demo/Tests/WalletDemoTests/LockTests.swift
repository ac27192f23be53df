import DcepWallet
import Testing

@testable import WalletDemo

@MainActor @Suite struct LockTests {
    @Test func aPinIsSetChangedAndRemoved() async throws {
        let people = try await People()
        let settings = people.alice.settings()
        await settings.refresh()
        #expect(!settings.hasPin)
        (settings.new, settings.again) = ("1234", "1235")
        await settings.setPin()
        #expect(
            settings.trouble?.english == "These are two different PINs: type the same one twice." && !settings.hasPin)
        (settings.new, settings.again) = ("123", "123")
        await settings.setPin()
        #expect(settings.trouble == Phrase(PinError.badPin))
        (settings.new, settings.again) = ("1234", "1234")
        await settings.setPin()
        #expect(settings.done?.english == "From now on your PIN opens this wallet." && settings.hasPin)
        #expect(settings.new == "" && settings.again == "" && settings.trouble == nil)
        (settings.old, settings.new, settings.again) = ("9999", "5678", "5678")
        await settings.changePin()
        #expect(settings.trouble?.chinese == "PIN 码不正确，请再试一次。" && settings.done == nil)
        (settings.old, settings.new, settings.again) = ("1234", "5678", "5678")
        await settings.changePin()
        #expect(settings.done?.chinese == "您的 PIN 码已更改。")
        settings.old = "5678"
        await settings.removePin()
        #expect(settings.done?.english == "This wallet has no PIN any more." && !settings.hasPin)
    }

    @Test func wrongPinsSlowDownAndNeverDestroy() async throws {
        let people = try await People()
        try await people.alice.wallet.setPin(pin: Pin(typing: "1234"))
        var opened: Wallet?
        let lock = LockModel(try await people.alice.wallet.lock()) { opened = $0 }
        var tries = 0
        while lock.wait == 0, tries < 20 {
            lock.pin = "9999"
            await lock.unlock()
            tries += 1
            #expect(lock.pin == "" && opened == nil)
            #expect(lock.trouble?.english == "That is not the PIN: try again.")
        }
        #expect(lock.waiting?.english == "Seconds until you can try again: \(lock.wait)")
        #expect(lock.waiting?.chinese == "再次尝试前需等待的秒数：\(lock.wait)")
        lock.pin = "1234"
        await lock.unlock()
        #expect(
            opened == nil
                && lock.trouble?.english == "Too many wrong PINs: your money is safe, wait a while and try again.")
        try people.sandbox.advance(seconds: lock.wait)
        await lock.look()
        #expect(lock.wait == 0 && lock.waiting == nil)
        lock.pin = "1234"
        await lock.unlock()
        #expect(try await opened?.balance().spendable == .parse("1000.00"))
    }

    @Test func aLockedWalletTellsNothing() async throws {
        let people = try await People()
        try await people.alice.wallet.setPin(pin: Pin(typing: "1234"))
        _ = try await people.alice.wallet.lock()
        await people.alice.refresh()
        #expect(
            people.alice.trouble?.english == "The wallet is locked: enter your PIN." && people.alice.spendable == nil)
        // The loop over the events ends by itself.
        await people.alice.listen()
        #expect(people.alice.banner == nil)
    }

    @Test func aBackupIsAFile() async throws {
        let settings = try await People().alice.settings()
        await settings.makeBackup()
        #expect(settings.backup?.isEmpty == false && settings.trouble == nil)
    }
}
