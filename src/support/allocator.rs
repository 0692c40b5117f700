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

/// The system's allocator, but for where large pieces begin.
pub(crate) struct LineAllocator;

/// What is asked of the system instead.
fn on_a_line(layout: Layout) -> Layout {
    if layout.size() < LARGE {
        return layout;
    }
    layout.align_to(LINE).unwrap_or(layout)
}

#[expect(unsafe_code, reason = "allocators are unsafe by nature")]
// SAFETY: every call goes to the system's allocator, with the caller's layout
// or one of the same size that is aligned more strictly. Which of the two
// depends on the layout alone, so that memory is given back under the layout
// that it was taken with; where growing changes that, it is moved.
unsafe impl GlobalAlloc for LineAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc(on_a_line(layout)) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { System.alloc_zeroed(on_a_line(layout)) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises, and see above.
        unsafe { System.dealloc(memory, on_a_line(layout)) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let old = on_a_line(layout);
        let Ok(wanted) = Layout::from_size_align(size, layout.align()) else {
            return std::ptr::null_mut();
        };
        let new = on_a_line(wanted);
        if old.align() == new.align() && new.align() <= layout.align() {
            // SAFETY: as the caller promises.
            return unsafe { System.realloc(memory, old, size) };
        }
        // SAFETY: both pieces hold at least the bytes that are copied, and the
        // new one is fresh.
        unsafe {
            let moved = System.alloc(new);
            if !moved.is_null() {
                memory.copy_to_nonoverlapping(moved, layout.size().min(size));
                System.dealloc(memory, old);
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
