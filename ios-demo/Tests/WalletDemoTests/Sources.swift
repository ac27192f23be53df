import Foundation

/// A file of the app's sources, line by line, without comments.
struct SourceFile {
    let path: String
    let lines: [String]

    static func all(under folder: String) throws -> [SourceFile] {
        let root = app.appendingPathComponent(folder)
        let found = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
        let files = (found?.allObjects as? [URL] ?? []).filter { $0.pathExtension == "swift" }
        return try files.sorted { $0.path < $1.path }.map { file in
            let lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
            return SourceFile(
                path: String(file.path.dropFirst(app.path.count + 1)),
                lines: lines.map { $0.trimmingCharacters(in: .whitespaces).hasPrefix("//") ? "" : $0 })
        }
    }

    /// Every literal of the file, with what stands before it, across line breaks.
    var literals: [(text: String, before: String)] {
        let text = lines.joined(separator: "\n")
        return text.matches(of: /"((?:[^"\\\n]|\\.)*)"/).map { literal in
            let before = text[..<literal.range.lowerBound].reversed().drop(while: \.isWhitespace).prefix(20)
            return (String(literal.1), String(before.reversed()))
        }
    }
}
