/// A key of the catalog, where SwiftUI looks a literal up by itself.
public struct LocalizedStringKey: Equatable, ExpressibleByStringLiteral {
    public init(stringLiteral value: String) {}
}

public struct Text: SystemView, Equatable {
    public init(_ key: LocalizedStringKey) {}
    public init(verbatim content: String) {}
    @_disfavoredOverload public init<S: StringProtocol>(_ content: S) {}
    public init<F: FormatStyle>(_ input: F.FormatInput, format: F)
    where F.FormatInput: Equatable, F.FormatOutput == String {}
    public func bold() -> Text { self }
    public func monospacedDigit() -> Text { self }
}

public struct Image: SystemView {
    public init(systemName: String) {}
}

public struct Label<Title: View, Icon: View>: SystemView {
    public init(@ViewBuilder title: () -> Title, @ViewBuilder icon: () -> Icon) {}
}

extension Label where Title == Text, Icon == Image {
    public init(_ title: LocalizedStringKey, systemImage: String) {}
}

public struct ButtonRole: Equatable, Sendable {
    public static let destructive = ButtonRole()
    public static let cancel = ButtonRole()
}

public struct Button<Label: View>: SystemView {
    @preconcurrency public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> Label) {}
}

extension Button where Label == Text {
    @preconcurrency public init(_ title: LocalizedStringKey, action: @escaping @MainActor () -> Void) {}
    @preconcurrency public init(_ title: LocalizedStringKey, role: ButtonRole?, action: @escaping @MainActor () -> Void)
    {}
}

public struct TextField<Label: View>: SystemView {}

extension TextField where Label == Text {
    public init(_ title: LocalizedStringKey, text: Binding<String>) {}
    public init(_ title: LocalizedStringKey, text: Binding<String>, axis: Axis) {}
}

public enum Axis { case horizontal, vertical }

public struct SecureField<Label: View>: SystemView {}

extension SecureField where Label == Text {
    public init(_ title: LocalizedStringKey, text: Binding<String>) {}
}

public struct Toggle<Label: View>: SystemView {}

extension Toggle where Label == Text {
    public init(_ title: LocalizedStringKey, isOn: Binding<Bool>) {}
}

public struct Picker<Label: View, Selection: Hashable, Content: View>: SystemView {}

extension Picker where Label == Text {
    public init(_ title: LocalizedStringKey, selection: Binding<Selection>, @ViewBuilder content: () -> Content) {}
}

public struct Slider<Label: View, ValueLabel: View>: SystemView {
    public init<V: BinaryFloatingPoint>(
        value: Binding<V>, in bounds: ClosedRange<V>, @ViewBuilder label: () -> Label,
        @ViewBuilder minimumValueLabel: () -> ValueLabel, @ViewBuilder maximumValueLabel: () -> ValueLabel
    ) where V.Stride: BinaryFloatingPoint {}
}

public struct ProgressView<Label: View>: SystemView {
    public init<V: BinaryFloatingPoint>(value: V?, total: V = 1, @ViewBuilder label: () -> Label) {}
}

extension ProgressView where Label == Text {
    public init(_ title: LocalizedStringKey) {}
}

public struct NavigationLink<Label: View, Destination: View>: SystemView {
    public init(@ViewBuilder destination: () -> Destination, @ViewBuilder label: () -> Label) {}
}

extension NavigationLink where Label == Text {
    public init(_ title: LocalizedStringKey, @ViewBuilder destination: () -> Destination) {}
}
