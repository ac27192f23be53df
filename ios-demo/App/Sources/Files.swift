import SwiftUI
import UniformTypeIdentifiers

/// A file to be shared: a receipt, a backup, a slip.
struct SharedFile: Transferable {
    let data: Data
    let name: String

    static var transferRepresentation: some TransferRepresentation {
        DataRepresentation(exportedContentType: .data) { (file: SharedFile) in file.data }
            .suggestedFileName { file in file.name }
    }
}

/// What is in a file that somebody has chosen.
func contents(of file: URL) -> Data? {
    let isGranted = file.startAccessingSecurityScopedResource()
    defer { if isGranted { file.stopAccessingSecurityScopedResource() } }
    return try? Data(contentsOf: file)
}
