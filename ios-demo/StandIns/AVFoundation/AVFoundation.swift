// AVFoundation as far as this app uses it, as Apple declares it: so that the camera's code is compiled where there is none.
@_exported import Foundation
import SwiftUI

public struct AVMediaType: Sendable {
    public static let video = AVMediaType()
}

public final class AVCaptureDevice {
    public static func `default`(for type: AVMediaType) -> AVCaptureDevice? { nil }
    public static func requestAccess(for type: AVMediaType, completionHandler: @escaping @Sendable (Bool) -> Void) {}
}

open class AVCaptureInput {}

public final class AVCaptureDeviceInput: AVCaptureInput {
    public init(device: AVCaptureDevice) throws {}
}

open class AVCaptureOutput {}

public final class AVCaptureMetadataOutput: AVCaptureOutput {
    public override init() {}
    public var metadataObjectTypes: [AVMetadataObject.ObjectType]! = []
    public func setMetadataObjectsDelegate(
        _ delegate: (any AVCaptureMetadataOutputObjectsDelegate)?, queue: DispatchQueue?
    ) {}
}

public protocol AVCaptureMetadataOutputObjectsDelegate: AnyObject {
    func metadataOutput(
        _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject], from connection: AVCaptureConnection)
}

public final class AVCaptureConnection {}

open class AVMetadataObject {
    public struct ObjectType: Sendable {
        public static let qr = ObjectType()
    }
}

public final class AVMetadataMachineReadableCodeObject: AVMetadataObject {
    public var stringValue: String? { nil }
}

public final class AVCaptureSession {
    public init() {}
    public func canAddInput(_ input: AVCaptureInput) -> Bool { false }
    public func canAddOutput(_ output: AVCaptureOutput) -> Bool { false }
    public func addInput(_ input: AVCaptureInput) {}
    public func addOutput(_ output: AVCaptureOutput) {}
    public func startRunning() {}
    public func stopRunning() {}
}

public final class AVCaptureVideoPreviewLayer: CALayer {
    public enum Gravity { case resizeAspectFill }
    public var videoGravity: Gravity = .resizeAspectFill
    public var session: AVCaptureSession?
}
