import Foundation
import Testing

#if os(Linux)
/// A thousand rounds of open, pay and close leave no memory and no open file behind.
@Suite struct SoakTests {
    @Test func aThousandRoundsLeaveNothingBehind() throws {
        let bank = try LoopbackBank()
        let soak = Process()
        // It lies beside this program.
        soak.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("DcepSoak")
        soak.arguments = [bank.address.absoluteString, bank.root, "1000", "200"]
        let said = Pipe()
        soak.standardOutput = said
        try soak.run()
        let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        soak.waitUntilExit()
        try #require(soak.terminationStatus == 0)
        let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        try #require(numbers.count == 3)
        print("1000 rounds: \(numbers[0]) bytes more after the first 200")
        #expect(numbers[0] < 2_000_000)
        #expect(numbers[1] == numbers[2])
    }
}
#endif
