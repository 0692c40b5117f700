//! A stream of some encoding as UTF-8.

use std::io::Read;

use encoding_rs::Decoder;

/// Turns a stream of some encoding into UTF-8; what cannot be decoded becomes
/// U+FFFD, which the check of the data counts.
pub(super) struct Decoding<R> {
    source: R,
    decoder: Decoder,
    raw: Vec<u8>,
    decoded: Vec<u8>,
    given: usize,
    at_end: bool,
}

impl<R: Read> Decoding<R> {
    pub(super) fn new(source: R, decoder: Decoder) -> Self {
        Self {
            source,
            decoder,
            raw: vec![0; 1 << 16],
            decoded: Vec::new(),
            given: 0,
            at_end: false,
        }
    }

    fn refill(&mut self) -> std::io::Result<()> {
        let read = self.source.read(&mut self.raw)?;
        self.at_end = read == 0;
        let size = self
            .decoder
            .max_utf8_buffer_length(read)
            .unwrap_or(read * 3 + 16);
        self.decoded.resize(size, 0);
        let input = &self.raw[..read];
        let (_, _, written, _) = self
            .decoder
            .decode_to_utf8(input, &mut self.decoded, self.at_end);
        self.decoded.truncate(written);
        self.given = 0;
        Ok(())
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, target: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.decoded.len() {
            if self.at_end {
                return Ok(0);
            }
            self.refill()?;
        }
        let ready = &self.decoded[self.given..];
        let size = ready.len().min(target.len());
        target[..size].copy_from_slice(&ready[..size]);
        self.given += size;
        Ok(size)
    }
}
