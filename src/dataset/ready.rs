//! Bytes that were made ready and wait to be read.

/// A piece of what a reader gives on.
#[derive(Default)]
pub(super) struct Ready {
    /// All of the piece.
    pub(super) bytes: Vec<u8>,
    given: usize,
}

impl Ready {
    /// Whether all of it was given.
    pub(super) fn is_spent(&self) -> bool {
        self.given == self.bytes.len()
    }

    /// Makes room for the next piece.
    pub(super) fn renew(&mut self) {
        self.bytes.clear();
        self.given = 0;
    }

    /// Gives as much as there is and as there is room for: the number of bytes.
    pub(super) fn give(&mut self, target: &mut [u8]) -> usize {
        let rest = &self.bytes[self.given..];
        let size = rest.len().min(target.len());
        target[..size].copy_from_slice(&rest[..size]);
        self.given += size;
        size
    }
}
