// UniformTypeIdentifiers as far as this app uses it.

public struct UTType: Sendable {
    public static let data = UTType()
}
