//! Writes Kotlin or Python. Run by `cargo xtask bindings`, which says with which settings.

fn main() {
    uniffi::uniffi_bindgen_main();
}
