import UniformTypeIdentifiers

extension View {
    // MARK: Looks
    public func font(_ font: Font?) -> some View { Modified<Self>() }
    public func bold() -> some View { Modified<Self>() }
    public func monospacedDigit() -> some View { Modified<Self>() }
    public func foregroundStyle<S: ShapeStyle>(_ style: S) -> some View { Modified<Self>() }
    public func multilineTextAlignment(_ alignment: TextAlignment) -> some View { Modified<Self>() }
    public func lineLimit(_ limit: PartialRangeFrom<Int>) -> some View { Modified<Self>() }
    public func padding(_ edges: Edge.Set = .all, _ length: CGFloat? = nil) -> some View { Modified<Self>() }
    public func frame(maxWidth: CGFloat? = nil, alignment: Alignment = .center) -> some View { Modified<Self>() }
    public func aspectRatio(_ ratio: CGFloat? = nil, contentMode: ContentMode) -> some View { Modified<Self>() }
    public func background<S: ShapeStyle, T: Shape>(_ style: S, in shape: T) -> some View { Modified<Self>() }
    public func buttonStyle<S: PrimitiveButtonStyle>(_ style: S) -> some View { Modified<Self>() }
    public func pickerStyle<S: PickerStyle>(_ style: S) -> some View { Modified<Self>() }

    // MARK: Input
    public func disabled(_ disabled: Bool) -> some View { Modified<Self>() }
    public func keyboardType(_ type: UIKeyboardType) -> some View { Modified<Self>() }
    public func textContentType(_ type: UITextContentType?) -> some View { Modified<Self>() }
    public func textInputAutocapitalization(_ kind: TextInputAutocapitalization?) -> some View { Modified<Self>() }
    public func autocorrectionDisabled(_ disable: Bool = true) -> some View { Modified<Self>() }
    public func onSubmit(_ action: @escaping () -> Void) -> some View { Modified<Self>() }
    public func tag<V: Hashable>(_ tag: V) -> some View { Modified<Self>() }
    public func searchable(text: Binding<String>, prompt: LocalizedStringKey) -> some View { Modified<Self>() }
    public func fileImporter(
        isPresented: Binding<Bool>, allowedContentTypes: [UTType],
        onCompletion: @escaping (_ result: Result<URL, any Error>) -> Void
    ) -> some View { Modified<Self>() }
    public func confirmationDialog<A: View>(
        _ title: LocalizedStringKey, isPresented: Binding<Bool>, titleVisibility: Visibility = .automatic,
        @ViewBuilder actions: () -> A
    ) -> some View { Modified<Self>() }

    // MARK: Structure
    public func id<ID: Hashable>(_ id: ID) -> some View { Modified<Self>() }
    public func navigationTitle(_ title: LocalizedStringKey) -> some View { Modified<Self>() }
    public func toolbar<Content: ToolbarContent>(@ToolbarContentBuilder content: () -> Content) -> some View {
        Modified<Self>()
    }
    public func overlay<V: View>(alignment: Alignment = .center, @ViewBuilder content: () -> V) -> some View {
        Modified<Self>()
    }
    public func safeAreaInset<V: View>(
        edge: VerticalEdge, spacing: CGFloat? = nil, @ViewBuilder content: () -> V
    ) -> some View { Modified<Self>() }
    public func onAppear(perform action: (() -> Void)? = nil) -> some View { Modified<Self>() }
    @preconcurrency public func task(
        priority: TaskPriority = .userInitiated, @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> some View { Modified<Self>() }
    @preconcurrency public func task<T: Equatable>(
        id value: T, priority: TaskPriority = .userInitiated,
        @_inheritActorContext _ action: @escaping @Sendable () async -> Void
    ) -> some View { Modified<Self>() }
    public func refreshable(action: @escaping @Sendable () async -> Void) -> some View { Modified<Self>() }
    public func privacySensitive(_ sensitive: Bool = true) -> some View { Modified<Self>() }

    // MARK: Accessibility
    public func accessibilityHidden(_ hidden: Bool) -> some View { Modified<Self>() }
    public func accessibilityLabel(_ label: LocalizedStringKey) -> some View { Modified<Self>() }
    public func accessibilityAddTraits(_ traits: AccessibilityTraits) -> some View { Modified<Self>() }
    public func accessibilityElement(children: AccessibilityChildBehavior = .ignore) -> some View { Modified<Self>() }
}

public struct AccessibilityTraits: Sendable {
    public static let isHeader = AccessibilityTraits()
    public static let isImage = AccessibilityTraits()
}

public enum AccessibilityChildBehavior { case ignore, combine, contain }

public enum AccessibilityNotification {
    public struct Announcement {
        public init(_ announcement: String) {}
        public func post() {}
    }
}

public enum Visibility { case automatic, visible, hidden }
public enum TextAlignment { case leading, center, trailing }
public enum ContentMode { case fit, fill }
public enum VerticalEdge { case top, bottom }
public enum Edge {
    public enum Set { case all, horizontal, vertical }
}
public enum UIKeyboardType { case decimalPad, URL }
public enum UITextContentType { case URL, name, password }
public enum TextInputAutocapitalization { case never }

public struct Font: Sendable {
    public static let largeTitle = Font()
    public static let title2 = Font()
    public static let headline = Font()
    public static let footnote = Font()
    public func bold() -> Font { self }
}

// MARK: - Styles and shapes

public protocol ShapeStyle {}

public struct Color: ShapeStyle, Sendable {
    public static let white = Color()
    public static let black = Color()
    public static let green = Color()
    public static let orange = Color()
    public static let secondary = Color()
    public static let accentColor = Color()
}

public struct TintShapeStyle: ShapeStyle {}
public struct Material: ShapeStyle {}

extension ShapeStyle where Self == Color {
    public static var orange: Color { .orange }
    public static var secondary: Color { .secondary }
}

extension ShapeStyle where Self == TintShapeStyle {
    public static var tint: TintShapeStyle { TintShapeStyle() }
}

extension ShapeStyle where Self == Material {
    public static var regularMaterial: Material { Material() }
}

public protocol Shape {}

public struct RoundedRectangle: Shape {
    public init(cornerRadius: CGFloat) {}
}

public protocol PrimitiveButtonStyle {}
public struct BorderedButtonStyle: PrimitiveButtonStyle {}
public struct BorderedProminentButtonStyle: PrimitiveButtonStyle {}

extension PrimitiveButtonStyle where Self == BorderedButtonStyle {
    public static var bordered: BorderedButtonStyle { BorderedButtonStyle() }
}

extension PrimitiveButtonStyle where Self == BorderedProminentButtonStyle {
    public static var borderedProminent: BorderedProminentButtonStyle { BorderedProminentButtonStyle() }
}

public protocol PickerStyle {}
public struct NavigationLinkPickerStyle: PickerStyle {}

extension PickerStyle where Self == NavigationLinkPickerStyle {
    public static var navigationLink: NavigationLinkPickerStyle { NavigationLinkPickerStyle() }
}

// MARK: - Drawing

public struct Path {
    public init() {}
    public init(_ rect: CGRect) {}
    public mutating func addRect(_ rect: CGRect) {}
}

public struct FillStyle {
    public init(eoFill: Bool = false, antialiased: Bool = true) {}
}

public struct GraphicsContext {
    public struct Shading {
        public static func color(_ color: Color) -> Shading { Shading() }
    }
    public func fill(_ path: Path, with shading: Shading, style: FillStyle = FillStyle()) {}
}

public struct Canvas: SystemView {
    public init(renderer: @escaping (inout GraphicsContext, CGSize) -> Void) {}
}
