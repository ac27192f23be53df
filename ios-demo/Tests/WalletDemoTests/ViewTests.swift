import Foundation
import Testing

/// What the sources of the app say of themselves. That they compile, against stand-ins for Apple's frameworks, is shown by
/// this package having been built.
@Suite struct ViewTests {
    @Test func filesAreShortAndTheRadioIsThin() throws {
        let views = try SourceFile.all(under: "App/Sources")
        #expect(views.count > 15)
        for file in try views + SourceFile.all(under: "Sources") { #expect(file.lines.count < 250, "\(file.path)") }
        let radio = views.filter { $0.lines.contains("import CoreNFC") }
        #expect(radio.map(\.path) == ["App/Sources/Device/PhoneRadio.swift"])
        #expect(radio.reduce(0) { $0 + $1.lines.count } <= 150)
    }

    /// VoiceOver reads a text for everything that can be pressed, and passes over what only decorates.
    @Test func everythingHasALabel() throws {
        var (buttons, images) = (0, 0)
        for file in try SourceFile.all(under: "App/Sources/Views") {
            for (number, line) in file.lines.enumerated() {
                let following = file.lines[number..<min(number + 4, file.lines.count)].joined(separator: "\n")
                if line.contains(/\bButton(?: \{|\()/) {
                    buttons += 1
                    #expect(
                        line.contains("Button(\"") || line.contains("Button(title") || following.contains("Text("),
                        "\(file.path):\(number + 1)")
                }
                if line.contains("Image(systemName:") {
                    images += 1
                    #expect(following.contains(".accessibilityHidden(true)"), "\(file.path):\(number + 1)")
                }
                if line.contains("Canvas {") || line.contains("CameraView {") {
                    images += 1
                    let rest = file.lines[number...].joined(separator: "\n")
                    #expect(rest.contains(".accessibilityLabel(\""), "\(file.path):\(number + 1)")
                }
            }
        }
        #expect(buttons > 20 && images > 5)
    }

    /// Text grows with the user's choice, and colours follow light and dark: but for the code, which is always dark on light.
    @Test func textGrowsAndColoursFollow() throws {
        for file in try SourceFile.all(under: "App/Sources") {
            for line in file.lines {
                #expect(
                    !line.contains(".system(size:") && !line.contains("Color(red")
                        && !line.contains("minimumScaleFactor"))
                if line.contains(/\.(white|black)\b/) {
                    #expect(file.path == "App/Sources/Views/QrCodeView.swift", "\(line)")
                }
            }
        }
    }

    /// Views ask their models, and nobody else: neither the wallet nor the bank, and they count no money.
    @Test func viewsDecideNothing() throws {
        for file in try SourceFile.all(under: "App/Sources/Views") {
            for line in file.lines {
                #expect(!line.contains(/\b(wallet|Wallet|Amount|Sandbox)\./), "\(file.path): \(line)")
                #expect(!line.contains("catch"), "\(file.path): \(line)")
            }
        }
    }
}
