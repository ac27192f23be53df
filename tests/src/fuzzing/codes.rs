//! What a camera may read.

use wallet_core::link::qr::{Frames, Scanner, read_file};

/// Every line is the text of a code that one scanner sees. Whatever it takes for a slip can be shown again, and is read as
/// the same slip by another.
pub fn codes(data: &[u8]) {
    let mut scanner = Scanner::default();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(text) = core::str::from_utf8(line) else {
            continue;
        };
        let before = scanner.percent();
        let Ok(Some(slip)) = scanner.scan(text) else {
            assert!(before <= 100);
            continue;
        };
        assert_eq!(read_file(&slip.encode()).as_ref(), Ok(&slip));
        if let Ok(frames) = Frames::of(&slip) {
            let mut another = Scanner::default();
            let again = (0..frames.count()).find_map(|number| another.scan(frames.text(number)).unwrap());
            assert_eq!(again, Some(slip));
        }
    }
}
