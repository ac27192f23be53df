import AVFoundation
import SwiftUI

/// The camera, which says the text of every QR code it sees.
struct CameraView: UIViewRepresentable {
    let see: @MainActor (String) -> Void

    func makeCoordinator() -> Reader { Reader(see: see) }

    func makeUIView(context: Context) -> Preview {
        let preview = Preview()
        preview.previewLayer?.videoGravity = .resizeAspectFill
        preview.previewLayer?.session = context.coordinator.session
        context.coordinator.start()
        return preview
    }

    func updateUIView(_ preview: Preview, context: Context) {}

    static func dismantleUIView(_ preview: Preview, coordinator: Reader) { coordinator.stop() }

    /// A view whose layer is the camera's picture.
    final class Preview: UIView {
        override class var layerClass: AnyClass { AVCaptureVideoPreviewLayer.self }
        var previewLayer: AVCaptureVideoPreviewLayer? { layer as? AVCaptureVideoPreviewLayer }
    }

    /// Runs the camera on a queue of its own, because starting it blocks.
    final class Reader: NSObject, AVCaptureMetadataOutputObjectsDelegate, @unchecked Sendable {
        let session = AVCaptureSession()
        private let queue = DispatchQueue(label: "org.dcep.demo.camera")
        private let see: @MainActor (String) -> Void

        init(see: @escaping @MainActor (String) -> Void) {
            self.see = see
        }

        /// Asks for the camera first; whoever says no can still choose a file.
        func start() {
            AVCaptureDevice.requestAccess(for: .video) { isGranted in
                guard isGranted else { return }
                self.queue.async { self.run() }
            }
        }

        func stop() {
            queue.async { self.session.stopRunning() }
        }

        private func run() {
            guard let camera = AVCaptureDevice.default(for: .video),
                let input = try? AVCaptureDeviceInput(device: camera), session.canAddInput(input)
            else { return }
            let output = AVCaptureMetadataOutput()
            guard session.canAddOutput(output) else { return }
            session.addInput(input)
            session.addOutput(output)
            output.setMetadataObjectsDelegate(self, queue: .main)
            output.metadataObjectTypes = [.qr]
            session.startRunning()
        }

        func metadataOutput(
            _ output: AVCaptureMetadataOutput, didOutput objects: [AVMetadataObject],
            from connection: AVCaptureConnection
        ) {
            let texts = objects.compactMap { ($0 as? AVMetadataMachineReadableCodeObject)?.stringValue }
            // On the main queue, as it was asked above.
            MainActor.assumeIsolated {
                for text in texts { see(text) }
            }
        }
    }
}
