//! Matrix products over slices: the one safe door to the `gemm` crate.

use gemm::Parallelism;

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

/// A row-major matrix that a product is written to.
pub struct MatrixMut<'a> {
    data: &'a mut [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
}

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
            data,
            rows,
            columns,
            row_stride,
        }
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
/// The bits do not depend on the number of threads: gemm divides rows and
/// columns among threads, never the sum of a single element.
pub fn multiply(destination: MatrixMut, into: Into, scale: f32, left: Matrix, right: Matrix) {
    run(destination, into, scale, left, right, Parallelism::Rayon(0));
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
    let stride = |s: usize| s as isize;
    #[expect(unsafe_code, reason = "gemm takes raw pointers and strides")]
    // SAFETY: the constructors checked that every element lies inside its
    // slice and that the rows of the destination do not overlap; the shapes
    // fit each other; `&mut` keeps the destination apart from the operands.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            depth,
            destination.data.as_mut_ptr(),
            1,
            stride(destination.row_stride),
            into == Into::Add,
            left.data.as_ptr(),
            stride(left.column_stride),
            stride(left.row_stride),
            right.data.as_ptr(),
            stride(right.column_stride),
            stride(right.row_stride),
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
    #[should_panic(expected = "extent")]
    fn a_matrix_must_lie_inside_its_slice() {
        let _ = Matrix::new(&[0.0; 5], 2, 3);
    }
}
