//! Work that goes sequence by sequence, divided among the threads.

/// A slice in which every sequence of a pack has a part, one after another.
pub struct Parts<'a> {
    data: &'a mut [f32],
    starts: Starts<'a>,
    width: usize,
}

#[derive(Clone, Copy)]
enum Starts<'a> {
    /// One row for each sequence.
    Rows,
    /// Where each sequence begins, and last where the rows end.
    At(&'a [usize]),
}

impl<'a> Parts<'a> {
    /// A slice of rows of this width, where sequence `s` has the rows from
    /// `starts[s]` to `starts[s + 1]`.
    pub fn new(data: &'a mut [f32], starts: &'a [usize], width: usize) -> Self {
        Self {
            data,
            starts: Starts::At(starts),
            width,
        }
    }

    /// A slice of one row of this width for each sequence.
    pub fn rows(data: &'a mut [f32], width: usize) -> Self {
        Self {
            data,
            starts: Starts::Rows,
            width,
        }
    }

    fn start(&self, sequence: usize) -> usize {
        self.width
            * match self.starts {
                Starts::Rows => sequence,
                Starts::At(starts) => starts[sequence],
            }
    }

    /// Cuts off what lies behind sequences `from..middle`.
    fn split_off(&mut self, from: usize, middle: usize) -> Self {
        let length = self.start(middle) - self.start(from);
        let (front, back) = std::mem::take(&mut self.data).split_at_mut(length);
        self.data = front;
        Self {
            data: back,
            ..*self
        }
    }
}

/// Calls `work` for each of so many sequences with its number and its parts,
/// on all threads of the current pool; a sequence stays on one thread.
pub fn each_sequence<const N: usize>(
    sequences: usize,
    parts: [Parts; N],
    work: impl Fn(usize, [&mut [f32]; N]) + Sync,
) {
    divide(0, sequences, parts, &work);
}

fn divide<const N: usize>(
    from: usize,
    to: usize,
    mut parts: [Parts; N],
    work: &(impl Fn(usize, [&mut [f32]; N]) + Sync),
) {
    if to <= from {
        return;
    }
    if to - from == 1 {
        for part in &mut parts {
            part.split_off(from, to);
        }
        return work(from, parts.map(|part| part.data));
    }
    let middle = usize::midpoint(from, to);
    let behind = std::array::from_fn(|i| parts[i].split_off(from, middle));
    rayon::join(
        || divide(from, middle, parts, work),
        || divide(middle, to, behind, work),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sequence_gets_its_own_parts_once() {
        let starts = [0, 2, 2, 5, 6];
        let mut tokens = [0.0; 14]; // two columns, and room that is not used
        let mut rows = [0.0; 4];
        let parts = [
            Parts::new(&mut tokens, &starts, 2),
            Parts::rows(&mut rows, 1),
        ];
        each_sequence(4, parts, |s, [tokens, row]| {
            for x in tokens.iter_mut() {
                *x += 1.0 + s as f32;
            }
            row[0] += tokens.len() as f32;
        });
        let expected = [1, 1, 1, 1, 3, 3, 3, 3, 3, 3, 4, 4, 0, 0];
        assert_eq!(tokens, expected.map(|x| x as f32));
        assert_eq!(rows, [4.0, 0.0, 6.0, 2.0]);
    }
}
