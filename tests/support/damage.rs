//! Random damage to files, as disks, programs and people do it.

use rand::Rng as _;
use rand::SeedableRng as _;

pub(crate) type Rng = rand_xoshiro::Xoshiro256PlusPlus;

/// What breaks readers more often than single bytes.
const SPLINTERS: [&[u8]; 18] = [
    b"\0",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"NaN",
    b"-1",
    b"1e999",
    b"99999999999999999999",
    b"null",
    b"[[[[[[[[",
    b"{\"a\":",
    b"\xff\xfe",
    b"\xc3",
    b"\x1b[2J",
    b"../../etc/passwd",
    b"\r",
    b",,,,",
    b"\xe2\x80\xae",
];

pub(crate) fn seeded(seed: u64) -> Rng {
    Rng::seed_from_u64(seed)
}

/// A few changes at random places.
pub(crate) fn damaged(sound: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = sound.to_vec();
    for _ in 0..rng.gen_range(1..6) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.gen_range(0..bytes.len());
        let end = (at + rng.gen_range(1..64)).min(bytes.len());
        match rng.gen_range(0..10) {
            0 => bytes.truncate(at),
            1 => {
                bytes.drain(at..end);
            }
            2 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            3..=5 => {
                let splinter = SPLINTERS[rng.gen_range(0..SPLINTERS.len())];
                let until = if rng.gen_bool(0.5) { end } else { at };
                bytes.splice(at..until, splinter.iter().copied());
            }
            6 => bytes[at] ^= 1 << rng.gen_range(0..8),
            7 => digits(&mut bytes, at, rng),
            _ => bytes[at] = rng.r#gen(),
        }
    }
    bytes
}

/// Changes the number at or behind a place, or nothing.
fn digits(bytes: &mut Vec<u8>, at: usize, rng: &mut Rng) {
    let Some(start) = bytes[at..]
        .iter()
        .position(u8::is_ascii_digit)
        .map(|found| at + found)
    else {
        return;
    };
    let length = bytes[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let numbers = [
        "0",
        "-1",
        "1",
        "65536",
        "4294967296",
        "18446744073709551616",
        "0.5",
        "1e9",
    ];
    let number = numbers[rng.gen_range(0..numbers.len())];
    bytes.splice(start..start + length, number.bytes());
}
