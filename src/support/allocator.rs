//! Large pieces of memory begin at a cache line.
//!
//! The system's allocator puts a `Vec<f32>` 16 bytes behind one, so that three
//! of four 64-byte loads in a matrix product cross a line: that cost 12 % of a
//! training step.

use std::alloc::{GlobalAlloc, Layout, System};

/// Bytes of a cache line, and of the widest vectors.
const LINE: usize = 64;

/// From which size on it is worth it, in bytes.
const LARGE: usize = 1 << 16;

/// How the system's own pieces begin.
const USUAL: usize = 16;

/// The system's allocator, but for where large pieces begin.
pub(crate) struct LineAllocator;

/// What is asked of the system for a large piece: a line more than wanted, for
/// the piece to begin somewhere inside. Asking for the alignment instead would
/// cost the system's way of giving out zeros without writing them.
fn with_a_line_more(layout: Layout) -> Option<Layout> {
    if layout.size() < LARGE || layout.align() > USUAL {
        return None;
    }
    let size = layout.size().checked_add(LINE)?;
    Layout::from_size_align(size, USUAL).ok()
}

/// The first line border inside a piece that was taken for a large one. How
/// far inside it lies is written in front of it.
#[expect(unsafe_code, reason = "part of the allocator")]
unsafe fn enter(taken: *mut u8) -> *mut u8 {
    if taken.is_null() {
        return taken;
    }
    // At least `USUAL`, which has room for the number.
    let inside = LINE - taken.addr() % LINE;
    // SAFETY: the piece has a line more than its owner asked for.
    unsafe {
        let memory = taken.add(inside);
        memory.cast::<usize>().sub(1).write(inside);
        memory
    }
}

/// The beginning of the piece that [`enter`] was called with.
#[expect(unsafe_code, reason = "part of the allocator")]
unsafe fn leave(memory: *mut u8) -> *mut u8 {
    // SAFETY: `enter` wrote the number and came from there.
    unsafe { memory.sub(memory.cast::<usize>().sub(1).read()) }
}

#[expect(unsafe_code, reason = "allocators are unsafe by nature")]
// SAFETY: every call goes to the system's allocator, with the caller's layout
// or, for large pieces, with one that has room to begin at a line. Which of
// the two depends on the layout alone, so that memory is given back under the
// layout that it was taken with; where growing changes that, it is moved.
unsafe impl GlobalAlloc for LineAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe {
            match with_a_line_more(layout) {
                Some(larger) => enter(System.alloc(larger)),
                None => System.alloc(layout),
            }
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises; the number lies in front of what the
        // caller may read.
        unsafe {
            match with_a_line_more(layout) {
                Some(larger) => enter(System.alloc_zeroed(larger)),
                None => System.alloc_zeroed(layout),
            }
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises, and see above.
        unsafe {
            match with_a_line_more(layout) {
                Some(larger) => System.dealloc(leave(memory), larger),
                None => System.dealloc(memory, layout),
            }
        }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        // SAFETY: as the caller promises; where a piece is or becomes large,
        // both pieces hold at least the bytes that are copied, and the new one
        // is fresh.
        unsafe {
            if with_a_line_more(layout).is_none() && with_a_line_more(wanted).is_none() {
                return System.realloc(memory, layout, size);
            }
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                memory.copy_to_nonoverlapping(moved, layout.size().min(size));
                self.dealloc(memory, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn large_vectors_begin_at_a_cache_line_and_keep_what_they_hold() {
        let mut grown: Vec<u16> = vec![1, 2, 3];
        for value in 3..200_000_u32 {
            grown.push((value % 60_000) as u16 + 1);
        }
        let right = |values: &[u16]| {
            let expected = (0..).map(|i: u32| (i % 60_000) as u16 + 1);
            values.iter().copied().zip(expected).all(|(a, b)| a == b)
        };
        assert_eq!(grown.as_ptr() as usize % super::LINE, 0);
        assert!(right(&grown));
        grown.truncate(10);
        grown.shrink_to_fit();
        assert!(right(&grown));
        let zeros = vec![0.0_f32; 50_000];
        assert_eq!(zeros.as_ptr() as usize % super::LINE, 0);
        assert!(zeros.iter().all(|x| *x == 0.0));
    }
}
