//! Linear layers without their biases, forward and backward.

use super::matrix::{Into, Matrix, MatrixMut, multiply};

/// `out = input × weightᵀ`, or `+=`; `out` is `[rows, outputs]`, `weight`
/// `[outputs, inputs]`.
pub fn linear(out: &mut [f32], into: Into, input: &[f32], weight: &[f32], rows: usize) {
    let (outputs, inputs) = (out.len() / rows.max(1), input.len() / rows.max(1));
    multiply(
        MatrixMut::new(out, rows, outputs),
        into,
        1.0,
        Matrix::new(input, rows, inputs),
        Matrix::new(weight, outputs, inputs).transposed(),
    );
}

/// Gradient of a linear layer's input: `gradient × weight`.
pub fn linear_backward(
    input_gradient: &mut [f32],
    into: Into,
    gradient: &[f32],
    weight: &[f32],
    rows: usize,
) {
    let inputs = input_gradient.len() / rows.max(1);
    let outputs = gradient.len() / rows.max(1);
    multiply(
        MatrixMut::new(input_gradient, rows, inputs),
        into,
        1.0,
        Matrix::new(gradient, rows, outputs),
        Matrix::new(weight, outputs, inputs),
    );
}

/// Gradient of a linear layer's weight: `gradientᵀ × input`.
pub fn weight_gradient(weight_gradient: &mut [f32], gradient: &[f32], input: &[f32], rows: usize) {
    let (outputs, inputs) = (gradient.len() / rows.max(1), input.len() / rows.max(1));
    multiply(
        MatrixMut::new(weight_gradient, outputs, inputs),
        Into::Overwrite,
        1.0,
        Matrix::new(gradient, rows, outputs).transposed(),
        Matrix::new(input, rows, inputs),
    );
}
