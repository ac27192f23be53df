import SwiftUI
import WalletDemo

/// A code, drawn: dark on light whatever the rest of the screen is, with four modules of light around it.
struct QrCodeView: View {
    let model: CodeModel

    private static let quietZone = 4

    var body: some View {
        let code = model.code
        Canvas { context, size in
            context.fill(Path(CGRect(origin: .zero, size: size)), with: .color(.white))
            guard let code else { return }
            let module = min(size.width, size.height) / CGFloat(code.side + 2 * Self.quietZone)
            var dark = Path()
            for row in 0..<code.side {
                for column in 0..<code.side where code.isDark(row: row, column: column) {
                    let (x, y) = (CGFloat(column + Self.quietZone) * module, CGFloat(row + Self.quietZone) * module)
                    dark.addRect(CGRect(x: x, y: y, width: module, height: module))
                }
            }
            context.fill(dark, with: .color(.black), style: FillStyle(antialiased: false))
        }
        .aspectRatio(1, contentMode: .fit)
        .accessibilityElement()
        .accessibilityLabel("Code for the other phone's camera")
        .accessibilityAddTraits(.isImage)
        .task(id: model.id) {
            // Five frames a second: every camera keeps up with that.
            while model.isMoving, (try? await Task.sleep(for: .milliseconds(200))) != nil { model.next() }
        }
    }
}
