//! The issuer's root key, as text: what a wallet pins, and what people compare.

use data_encoding::HEXLOWER_PERMISSIVE;
use protocol::VerifyingKey;

/// Reads a root key: `ed25519:` and 64 hexadecimal digits, or the digits alone.
pub(crate) fn parse(text: &str) -> Option<VerifyingKey> {
    let digits = text.strip_prefix("ed25519:").unwrap_or(text);
    let key = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
    key.try_into().ok().map(VerifyingKey::Ed25519)
}

/// What people compare: the key's 16-byte hash in groups of four digits.
pub(crate) fn fingerprint(root: &VerifyingKey) -> String {
    let digits = root.hash().to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .chunks(4)
        .filter_map(|group| core::str::from_utf8(group).ok())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let root = VerifyingKey::Ed25519([0xa5; 32]);
        assert_eq!(parse(&root.to_string()), Some(root));
        assert_eq!(parse(&"A5".repeat(32)), Some(root));
        assert_eq!(fingerprint(&root).len(), 8 * 4 + 7);
        for text in ["", "a5", "p256:a5", &"zz".repeat(32)] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
