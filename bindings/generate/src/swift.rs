//! Writes Swift: sources, header and module map, each into its own place. Run by `cargo xtask bindings`.

fn main() {
    uniffi::uniffi_bindgen_swift();
}
