// Opens, pays and closes a thousand times against a bank in another process, and prints how memory and open files went:
//
//     DcepSoak BANK ROOT ROUNDS WARM_UP
import DcepWallet
import Foundation
import Glibc

/// Bytes of memory in use, and open files.
func measured() throws -> (resident: Int, files: Int) {
    let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1]
    let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    return (Int(pages)! * sysconf(Int32(_SC_PAGESIZE)), files)
}

struct Owner {
    let path: String
    let platform: Platform

    init(_ path: String, _ bank: HttpBank, _ root: String, loading amount: Amount?) throws {
        self.path = path
        platform = Platform(
            vault: try SoftwareVault(master: Data(repeating: 7, count: 32)), guard: MemoryGuard(), bank: bank)
        let words = try AccountWords.generate(count: .twelve, list: .english)
        let wallet = try Wallet.create(path: path, platform: platform, words: words, root: root, algorithm: .p256)
        try wallet.enrol(walletClass: .ii, name: nil)
        if let amount { try wallet.load(amount: amount) }
        try wallet.shutDown()
    }
}

func round(_ owners: [Owner]) throws {
    let wallets = try owners.map { try Wallet.open(path: $0.path, platform: $0.platform) }
    let (payer, payee) = (wallets[0], wallets[1])
    let before = try payee.balance().spendable
    let card = try payee.receive(request: payee.request(amount: .fen(1), name: nil).id, side: .card)
    let reader = try payer.pay(consent: .exactly(amount: .fen(1)), side: .reader)
    var command: Data? = try reader.beginTap(frames: .extended)
    while let next = command { command = try reader.receive(response: card.process(command: next)) }
    guard try payee.balance().spendable == before.adding(.fen(1)) else { fatalError("not paid") }
    for wallet in wallets {
        while let event = try wallet.nextEvent() { try wallet.acknowledgeEvent(id: event.id) }
        try wallet.shutDown()
    }
}

let arguments = CommandLine.arguments
let (rounds, warmUp) = (Int(arguments[3])!, Int(arguments[4])!)
let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dcep-soak-\(UUID().uuidString)")
defer { try? FileManager.default.removeItem(at: folder) }
try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
let bank = HttpBank(URL(string: arguments[1])!)!
var owners: [Owner] = []
var before = (resident: 0, files: 0)
for number in 0..<rounds {
    // A fresh pair after every tenth payment, which is as many as may be made without the bank.
    if number % 10 == 0 {
        owners = try ["payer", "payee"].map { name in
            try Owner(
                folder.appendingPathComponent("\(number)-\(name)").path, bank, arguments[2],
                loading: name == "payer" ? .fen(10_000) : nil)
        }
    }
    try round(owners)
    if number + 1 == warmUp { before = try measured() }
}
let after = try measured()
print(after.resident - before.resident, before.files, after.files)
