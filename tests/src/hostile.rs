//! What an adversary does to bytes: other spellings of the same thing, and the other signature that ECDSA admits.

use protocol::Signature;

/// The order of P-256's group.
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// The ECDSA signature (r, n - s): it verifies under the same key over the same message wherever low-S is not enforced.
#[must_use]
pub fn other_s(signature: &Signature) -> Signature {
    let mut bytes = *signature.as_bytes();
    let mut borrow = false;
    for at in (0..32).rev() {
        let (difference, under) = P256_ORDER[at].overflowing_sub(bytes[32 + at]);
        let (difference, under_again) = difference.overflowing_sub(u8::from(borrow));
        bytes[32 + at] = difference;
        borrow = under || under_again;
    }
    Signature::from_bytes(bytes)
}

/// One item of CBOR, by where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item {
    /// Where its head begins.
    pub start: usize,
    /// Where its head ends.
    pub head_end: usize,
    /// Where it ends, content included.
    pub end: usize,
    /// 0 unsigned, 2 bytes, 3 text, 4 array, 7 simple.
    pub major: u8,
    /// The number in the head.
    pub value: u64,
    /// How many arrays it lies in.
    pub depth: usize,
}

/// Every item of a sequence of definite-length CBOR, outer ones first.
///
/// # Panics
/// On anything that this project does not write.
#[must_use]
pub fn items(bytes: &[u8]) -> Vec<Item> {
    let (mut items, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        at = walk(bytes, at, 0, &mut items);
    }
    items
}

fn walk(bytes: &[u8], start: usize, depth: usize, items: &mut Vec<Item>) -> usize {
    let (major, info) = (bytes[start] >> 5, bytes[start] & 31);
    let length = match info {
        0..=23 => 0,
        24..=27 => 1 << (info - 24),
        _ => panic!("indefinite or reserved head at {start}"),
    };
    let head_end = start + 1 + length;
    let value = if length == 0 {
        u64::from(info)
    } else {
        bytes[start + 1..head_end]
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte))
    };
    let index = items.len();
    items.push(Item {
        start,
        head_end,
        end: head_end,
        major,
        value,
        depth,
    });
    let end = match major {
        0 | 7 => head_end,
        2 | 3 => head_end + usize::try_from(value).unwrap(),
        4 => (0..value).fold(head_end, |at, _| walk(bytes, at, depth + 1, items)),
        _ => panic!("major type {major} at {start}"),
    };
    items[index].end = end;
    end
}

/// The same content, spelled in every way that CBOR permits and this project does not.
#[must_use]
pub fn respellings(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for item in items(bytes) {
        let Item {
            start,
            head_end,
            end,
            major,
            value,
            ..
        } = item;
        let splice = |head: Vec<u8>, tail: &[u8]| {
            [&bytes[..start], &head, &bytes[head_end..end], tail, &bytes[end..]].concat()
        };
        if major != 7 {
            for info in 24..=27_u8 {
                let length = 1_usize << (info - 24);
                if 1 + length > head_end - start {
                    let mut head = vec![major << 5 | info];
                    head.extend_from_slice(&value.to_be_bytes()[8 - length..]);
                    all.push((
                        format!("longer head of {length} bytes at {start}"),
                        splice(head, &[]),
                    ));
                }
            }
        }
        match major {
            2 | 3 => {
                let chunk = bytes[start..end].to_vec();
                let indefinite = [
                    &bytes[..start],
                    &[major << 5 | 31],
                    &chunk,
                    &[0xff],
                    &bytes[end..],
                ]
                .concat();
                all.push((format!("indefinite string at {start}"), indefinite));
            }
            4 => {
                all.push((
                    format!("indefinite array at {start}"),
                    splice(vec![0x9f], &[0xff]),
                ));
                for (what, extra) in [("null", 0xf6), ("zero", 0x00), ("empty array", 0x80)] {
                    let mut head = vec![];
                    minicbor::Encoder::new(&mut head).array(value + 1).unwrap();
                    all.push((
                        format!("extra {what} in the array at {start}"),
                        splice(head, &[extra]),
                    ));
                }
            }
            7 => all.push((format!("undefined at {start}"), splice(vec![0xf7], &[]))),
            _ => {}
        }
        let mut tagged = bytes.to_vec();
        tagged.splice(start..start, [0xd9, 0xd9, 0xf7]);
        all.push((format!("tag at {start}"), tagged));
    }
    all
}
