//! Many numbers, owned or mapped from a file: whoever reads them need not know.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

use memmap2::Mmap;

/// A read-only run of `f32`. Cheap to clone: clones share the memory.
#[derive(Clone)]
pub struct Floats(Kept);

#[derive(Clone)]
enum Kept {
    Owned(Arc<Vec<f32>>),
    /// Bytes of a mapped file that [`Floats::mapped`] found to be numbers.
    Mapped(Arc<Mmap>, Range<usize>),
}

impl Floats {
    /// Numbers in a mapped file, little-endian, without copying them where
    /// this machine can read them in place. `place` is in bytes and lies
    /// inside the file.
    pub(super) fn mapped(map: &Arc<Mmap>, place: Range<usize>) -> Self {
        let bytes = &map[place.clone()];
        let in_place = cfg!(target_endian = "little");
        if in_place && bytemuck::try_cast_slice::<u8, f32>(bytes).is_ok() {
            return Self(Kept::Mapped(Arc::clone(map), place));
        }
        let (items, _) = bytes.as_chunks();
        let values: Vec<f32> = items.iter().map(|item| f32::from_le_bytes(*item)).collect();
        values.into()
    }
}

impl Deref for Floats {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &self.0 {
            Kept::Owned(values) => values,
            Kept::Mapped(map, place) => bytemuck::cast_slice(&map[place.clone()]),
        }
    }
}

impl From<Vec<f32>> for Floats {
    fn from(values: Vec<f32>) -> Self {
        Self(Kept::Owned(Arc::new(values)))
    }
}

impl Default for Floats {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl PartialEq for Floats {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Floats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} numbers", self.len())
    }
}
