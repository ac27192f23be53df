// What SwiftUI brings along: CoreTransferable, UIKit, and Apple's Foundation.
import UniformTypeIdentifiers

public protocol Transferable: Sendable {
    associatedtype Representation: TransferRepresentation
    static var transferRepresentation: Representation { get }
}

public protocol TransferRepresentation<Item>: Sendable {
    associatedtype Item: Transferable
}

public struct DataRepresentation<Item: Transferable>: TransferRepresentation {
    public init(exportedContentType: UTType, exporting: @escaping @Sendable (Item) async throws -> Data) {}
}

extension TransferRepresentation {
    public func suggestedFileName(_ name: @escaping @Sendable (Item) -> String?) -> some TransferRepresentation<Item> {
        self
    }
}

public struct SharePreview<Image, Icon> {}

extension SharePreview where Image == Never, Icon == Never {
    public init(_ title: LocalizedStringKey) {}
}

public struct ShareLink<Item: Transferable>: SystemView {
    public init(_ title: LocalizedStringKey, item: Item, preview: SharePreview<Never, Never>) {}
}

@MainActor open class CALayer {
    public init() {}
}

@MainActor open class UIView {
    public init() {}
    open class var layerClass: AnyClass { CALayer.self }
    public var layer: CALayer { CALayer() }
}

@MainActor @preconcurrency public protocol UIViewRepresentable: SystemView {
    associatedtype UIViewType: UIView
    associatedtype Coordinator = Void
    typealias Context = UIViewRepresentableContext<Self>
    func makeUIView(context: Context) -> UIViewType
    func updateUIView(_ view: UIViewType, context: Context)
    func makeCoordinator() -> Coordinator
    static func dismantleUIView(_ view: UIViewType, coordinator: Coordinator)
}

@MainActor public struct UIViewRepresentableContext<Representable: UIViewRepresentable> {
    public var coordinator: Representable.Coordinator { fatalError() }
}

extension URL {
    public static var applicationSupportDirectory: URL { temporaryDirectory }
    public func startAccessingSecurityScopedResource() -> Bool { true }
    public func stopAccessingSecurityScopedResource() {}
}
