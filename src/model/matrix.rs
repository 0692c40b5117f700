//! Matrix products over slices: the one safe door to gemm.

use std::marker::PhantomData;
use std::ops::Range;

use gemm_common::Parallelism;
use rayon::prelude::*;

/// How weight matrices lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `[outputs, inputs]`, as in files and for training.
    OutIn,
    /// `[inputs, outputs]`, for scoring: forward products read it as it is.
    InOut,
}

/// A matrix inside a slice, seen through strides.
#[derive(Clone, Copy)]
pub struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A row-major matrix `[rows, columns]` that fills the slice.
    pub fn new(data: &'a [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// A row-major matrix whose rows start `row_stride` elements apart.
    pub fn strided(data: &'a [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(data.len() >= extent(rows, columns, row_stride));
        Self {
            data,
            rows,
            columns,
            row_stride,
            column_stride: 1,
        }
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn column_count(&self) -> usize {
        self.columns
    }

    /// Some rows of a matrix that is not transposed.
    #[must_use]
    pub fn rows(self, rows: Range<usize>) -> Self {
        assert!(rows.end <= self.rows && self.column_stride == 1);
        Self {
            data: &self.data[rows.start * self.row_stride..],
            rows: rows.len(),
            ..self
        }
    }

    /// The transposed matrix; no element is moved.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }
}

/// A row-major matrix that a product is written to: borrowed for as long, and
/// divisible by columns, so that several threads can write to one matrix.
pub struct MatrixMut<'a> {
    data: *mut f32,
    rows: usize,
    columns: usize,
    row_stride: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

#[expect(unsafe_code, reason = "stripes of one matrix go to several threads")]
// SAFETY: it stands for a `&mut [f32]`, of which it touches its own columns
// alone, and no two stripes share a column.
unsafe impl Send for MatrixMut<'_> {}

impl<'a> MatrixMut<'a> {
    /// A row-major matrix `[rows, columns]` that fills the slice.
    pub fn new(data: &'a mut [f32], rows: usize, columns: usize) -> Self {
        Self::strided(data, rows, columns, columns)
    }

    /// A row-major matrix whose rows start `row_stride` elements apart.
    pub fn strided(data: &'a mut [f32], rows: usize, columns: usize, row_stride: usize) -> Self {
        assert!(row_stride >= columns, "rows overlap");
        assert!(data.len() >= extent(rows, columns, row_stride));
        Self {
            data: data.as_mut_ptr(),
            rows,
            columns,
            row_stride,
            borrowed: PhantomData,
        }
    }

    /// Number of rows.
    pub fn row_count(&self) -> usize {
        self.rows
    }

    /// Some of the rows.
    #[must_use]
    pub fn rows(&mut self, rows: Range<usize>) -> MatrixMut<'_> {
        assert!(rows.start <= rows.end && rows.end <= self.rows);
        MatrixMut {
            data: self.data.wrapping_add(rows.start * self.row_stride),
            rows: rows.len(),
            borrowed: PhantomData,
            ..*self
        }
    }

    /// One row.
    pub fn row(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows);
        let start = self.data.wrapping_add(row * self.row_stride);
        #[expect(unsafe_code, reason = "a slice over the columns of a stripe")]
        // SAFETY: the constructors checked that the row lies inside the slice
        // that is borrowed; other stripes have other columns.
        unsafe {
            std::slice::from_raw_parts_mut(start, self.columns)
        }
    }

    /// The matrix in stripes of so many columns, the last of what is left.
    pub fn stripes(self, width: usize) -> Vec<MatrixMut<'a>> {
        let starts = (0..self.columns).step_by(width.max(1));
        let stripe = |from: usize| MatrixMut {
            data: self.data.wrapping_add(from),
            columns: width.min(self.columns - from),
            borrowed: PhantomData,
            ..self
        };
        starts.map(stripe).collect()
    }
}

/// Elements from the first to the last one of a row-major matrix.
fn extent(rows: usize, columns: usize, row_stride: usize) -> usize {
    if rows == 0 || columns == 0 {
        0
    } else {
        (rows - 1) * row_stride + columns
    }
}

/// What happens to the former content of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Into {
    /// It is overwritten.
    Overwrite,
    /// The product is added to it.
    Add,
}

/// `destination = scale · left × right`, or `+=`, on all threads of the
/// current pool.
///
/// The bits do not depend on the number of threads: rows and columns are
/// divided among threads, never the sum of a single element.
pub fn multiply(destination: MatrixMut, into: Into, scale: f32, left: Matrix, right: Matrix) {
    let threads = rayon::current_num_threads();
    let packs_right = right.column_stride != 1 && destination.rows >= FEW_ROWS;
    if threads > 1 && packs_right && destination.columns >= threads * STRIPE {
        multiply_stripes(destination, into, scale, left, right);
    } else {
        run(destination, into, scale, left, right, Parallelism::Rayon(0));
    }
}

/// Columns of a stripe.
const STRIPE: usize = 192;

/// With fewer rows gemm has kernels of its own, which sum in another order.
const FEW_ROWS: usize = 64;

/// Multiplies stripes of columns, each on one thread. gemm rearranges a
/// transposed right side on the calling thread before it divides the work;
/// like this each thread rearranges what it needs.
fn multiply_stripes(destination: MatrixMut, into: Into, scale: f32, left: Matrix, right: Matrix) {
    destination
        .stripes(STRIPE)
        .into_par_iter()
        .enumerate()
        .for_each(|(number, stripe)| {
            let right = Matrix {
                data: &right.data[number * STRIPE * right.column_stride..],
                columns: stripe.columns,
                ..right
            };
            run(stripe, into, scale, left, right, Parallelism::None);
        });
}

/// As [`multiply`], on the calling thread alone: for the many small products
/// inside attention, which runs one sequence per thread.
pub fn multiply_serial(
    destination: MatrixMut,
    into: Into,
    scale: f32,
    left: Matrix,
    right: Matrix,
) {
    run(destination, into, scale, left, right, Parallelism::None);
}

fn run(
    destination: MatrixMut,
    into: Into,
    scale: f32,
    left: Matrix,
    right: Matrix,
    parallelism: Parallelism,
) {
    let (rows, columns, depth) = (destination.rows, destination.columns, left.columns);
    assert_eq!((left.rows, right.columns), (rows, columns));
    assert_eq!(right.rows, depth);
    if rows == 0 || columns == 0 {
        return;
    }
    // gemm's kernels write columns: a destination that lies in rows is handed
    // to them as its transpose, rightᵀ × leftᵀ.
    let row_stride = destination.row_stride;
    let (first, second, shape, strides) = if row_stride > 1 {
        (
            right.transposed(),
            left.transposed(),
            (columns, rows),
            (row_stride, 1),
        )
    } else {
        (left, right, (rows, columns), (1, row_stride))
    };
    let stride = |s: usize| s as isize;
    #[expect(unsafe_code, reason = "gemm takes raw pointers and strides")]
    // SAFETY: the constructors checked that every element lies inside its
    // slice and that the rows of the destination do not overlap; the shapes
    // fit each other; the callers' `&mut` keeps the destination apart from the
    // operands, and stripes of it share no element.
    unsafe {
        gemm_f32::gemm::f32::get_gemm_fn()(
            shape.0,
            shape.1,
            depth,
            destination.data,
            stride(strides.0),
            stride(strides.1),
            into == Into::Add,
            first.data.as_ptr(),
            stride(first.column_stride),
            stride(first.row_stride),
            second.data.as_ptr(),
            stride(second.column_stride),
            stride(second.row_stride),
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_transposes_scales_and_adds() {
        let left = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]; // [2, 3]
        let right = [1.0, 0.0, 2.0, 1.0, 1.0, 1.0]; // [2, 3], used transposed
        let mut product = [10.0; 4];
        multiply(
            MatrixMut::new(&mut product, 2, 2),
            Into::Add,
            2.0,
            Matrix::new(&left, 2, 3),
            Matrix::new(&right, 2, 3).transposed(),
        );
        assert_eq!(product, [24.0, 22.0, 42.0, 40.0]);
    }

    #[test]
    fn stripes_give_the_bits_of_the_whole_product() {
        let value = |i: usize| (i * 7919 % 1013) as f32 * 0.01 - 5.0;
        let (rows, columns, depth) = (70, 500, 96);
        let left: Vec<f32> = (0..rows * depth).map(value).collect();
        let right: Vec<f32> = (0..columns * depth).map(|i| value(3 * i)).collect();
        let multiplied = |threads: usize| {
            let mut out = vec![1.0; rows * columns];
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("starts").install(|| {
                multiply(
                    MatrixMut::new(&mut out, rows, columns),
                    Into::Add,
                    1.0,
                    Matrix::new(&left, rows, depth),
                    Matrix::new(&right, columns, depth).transposed(),
                );
            });
            out
        };
        // One thread takes no stripes, two do, and four have too few of them.
        assert_eq!(multiplied(1), multiplied(2));
        assert_eq!(multiplied(1), multiplied(4));
    }

    #[test]
    fn stripes_share_no_element_and_leave_what_lies_between_rows() {
        let mut data = [0.0; 3 * 7];
        let mut stripes = MatrixMut::strided(&mut data[1..], 3, 5, 7).stripes(2);
        for (number, stripe) in stripes.iter_mut().enumerate() {
            for row in 0..stripe.row_count() {
                stripe.row(row).fill(1.0 + number as f32);
            }
            stripe.rows(1..2).row(0)[0] = 9.0;
        }
        let row = [0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 0.0];
        assert_eq!(data[..7], row);
        assert_eq!(data[7..14], [0.0, 9.0, 1.0, 9.0, 2.0, 9.0, 0.0]);
        assert_eq!(data[14..], row);
    }

    #[test]
    #[should_panic(expected = "extent")]
    fn a_matrix_must_lie_inside_its_slice() {
        let _ = Matrix::new(&[0.0; 5], 2, 3);
    }
}
