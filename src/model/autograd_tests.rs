//! Blocks and head against candle's autograd over plain operations.
//!
//! Candle's fused LayerNorm and softmax cut the graph in silence; only
//! `layer_norm_slow` and `ops::softmax` carry gradients.

use candle_core::{Device, Result as CandleResult, Tensor, Var};
use rand::Rng as _;

use super::attention::Queries;
use super::attention::places::Places;
use super::block::{Block, BlockBuffers, Flow, Keep, Scratch};
use super::config::Config;
use super::family::Family;
use super::fixture::tiny_config;
use super::kernels::dropout::Dropout;
use super::layout::{BlockParts, Layout, cutter, cutter_mut};
use super::matrix::Order;
use super::pack::Pack;
use crate::support::rng;

const LENGTHS: [usize; 4] = [1, 17, 2, 128];

fn config() -> Config {
    let mut config = tiny_config(Family::Bert, 10, &[]).expect("parses");
    config.hidden = 24;
    config.heads = 3;
    config.intermediate = 40;
    config.layers = 1;
    config
}

fn random(length: usize, generator: &mut rng::Rng) -> Vec<f32> {
    (0..length)
        .map(|_| generator.gen_range(-0.6..0.6))
        .collect()
}

/// One sequence through a block, in plain differentiable operations.
fn reference(
    config: &Config,
    w: &BlockParts<Tensor>,
    x: &Tensor,
    queries: Queries,
) -> CandleResult<Tensor> {
    let linear =
        |x: &Tensor, weight: &Tensor, bias: &Tensor| x.matmul(&weight.t()?)?.broadcast_add(bias);
    let norm = |x: &Tensor, scale: &Tensor, shift: &Tensor| {
        candle_nn::ops::layer_norm_slow(x, scale, shift, config.norm_epsilon)
    };
    let (hidden, width) = (config.hidden, config.head_width());
    let asking = match queries {
        Queries::All => x.clone(),
        Queries::First => x.narrow(0, 0, 1)?,
    };
    let q = linear(&asking, &w.query_weight, &w.query_bias)?;
    let kv = linear(x, &w.key_value_weight, &w.key_value_bias)?;
    let mut heads = Vec::new();
    for head in 0..config.heads {
        let q = q.narrow(1, head * width, width)?.contiguous()?;
        let k = kv.narrow(1, head * width, width)?.contiguous()?;
        let v = kv.narrow(1, hidden + head * width, width)?.contiguous()?;
        let scores = (q.matmul(&k.t()?)? / (width as f64).sqrt())?;
        heads.push(candle_nn::ops::softmax(&scores, 1)?.matmul(&v)?);
    }
    let context = Tensor::cat(&heads, 1)?;
    let attended = (linear(&context, &w.output_weight, &w.output_bias)? + asking)?;
    let attended = norm(&attended, &w.attention_scale, &w.attention_shift)?;
    let wide = linear(&attended, &w.widen_weight, &w.widen_bias)?.gelu_erf()?;
    let out = (linear(&wide, &w.narrow_weight, &w.narrow_bias)? + attended)?;
    norm(&out, &w.output_scale, &w.output_shift)
}

fn close(what: &str, ours: &[f32], theirs: &Tensor) {
    let theirs: Vec<f32> = theirs
        .flatten_all()
        .and_then(|t| t.to_vec1())
        .expect("reads");
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let size = theirs.iter().map(|x| x.abs()).fold(1.0, f32::max);
    for (a, b) in ours.iter().zip(&theirs) {
        assert!((a - b).abs() < 2e-4 * size, "{what}: {a} or {b}");
    }
}

fn compare(queries: Queries) -> CandleResult<()> {
    let config = config();
    let layout = Layout::new(&config);
    let mut generator = rng::seeded(11, "autograd");
    let body = random(layout.block_range(0).len(), &mut generator);
    let pack = {
        let mut pack = Pack::default();
        pack.refill_lengths(&LENGTHS);
        pack
    };
    let (tokens, hidden) = (pack.tokens(), config.hidden);
    let rows = queries.rows(pack.size());
    let input = random(tokens * hidden, &mut generator);
    let upstream = random(rows * hidden, &mut generator);

    // Ours.
    let block = Block {
        order: Order::OutIn,
        config: &config,
        pack: &pack,
        places: &Places::default(),
        queries,
        dropout: Dropout::OFF,
        number: 0,
    };
    let weights = BlockParts::divide(&config, 0, cutter(&body));
    let mut buffers = BlockBuffers::new(
        &config,
        0,
        pack.size(),
        queries,
        Keep::ForBackward { dropout: false },
    );
    block.forward(&weights, &input, &mut buffers);
    let mut gradients = vec![f32::NAN; body.len()];
    let mut gradient = upstream.clone();
    let mut input_gradient = vec![f32::NAN; tokens * hidden];
    block.backward(
        &weights,
        &input,
        &buffers,
        &mut Scratch::new(&config, pack.size()),
        BlockParts::divide(&config, 0, cutter_mut(&mut gradients)),
        Flow {
            output: &mut gradient,
            input: &mut input_gradient,
            deeper: true,
            table: &mut [],
        },
    );
    if queries == Queries::All {
        input_gradient = gradient;
    }

    // Candle's.
    let device = Device::Cpu;
    let x = Var::from_slice(&input, (tokens, hidden), &device)?;
    let flat = Var::from_slice(&body, body.len(), &device)?;
    let mut start = 0;
    let parts = BlockParts::divide(&config, 0, |length| {
        let part = flat.narrow(0, start, length);
        start += length;
        part
    });
    let parts = shaped(&config, parts)?;
    let mut outputs = Vec::new();
    for ends in pack.offsets().windows(2) {
        let sequence = x.narrow(0, ends[0], ends[1] - ends[0])?;
        outputs.push(reference(&config, &parts, &sequence, queries)?);
    }
    let output = Tensor::cat(&outputs, 0)?;
    close("output", &buffers.output()[..rows * hidden], &output);
    let upstream = Tensor::from_slice(&upstream, (rows, hidden), &device)?;
    let store = (output * upstream)?.sum_all()?.backward()?;
    let of = |var: &Var| store.get(var.as_tensor()).cloned().expect("has a gradient");
    close("gradient of the input", &input_gradient, &of(&x));
    close("gradient of the weights", &gradients, &of(&flat));
    Ok(())
}

/// Gives the flat parts their shapes.
fn shaped(
    config: &Config,
    w: BlockParts<CandleResult<Tensor>>,
) -> CandleResult<BlockParts<Tensor>> {
    let (hidden, wide) = (config.hidden, config.intermediate);
    Ok(BlockParts {
        query_weight: w.query_weight?.reshape((hidden, hidden))?,
        key_value_weight: w.key_value_weight?.reshape((2 * hidden, hidden))?,
        query_bias: w.query_bias?,
        key_value_bias: w.key_value_bias?,
        output_weight: w.output_weight?.reshape((hidden, hidden))?,
        output_bias: w.output_bias?,
        attention_scale: w.attention_scale?,
        attention_shift: w.attention_shift?,
        widen_weight: w.widen_weight?.reshape((wide, hidden))?,
        widen_bias: w.widen_bias?,
        narrow_weight: w.narrow_weight?.reshape((hidden, wide))?,
        narrow_bias: w.narrow_bias?,
        output_scale: w.output_scale?,
        output_shift: w.output_shift?,
        distance_key_weight: w.distance_key_weight?,
        distance_key_bias: w.distance_key_bias?,
        distance_query_weight: w.distance_query_weight?,
        distance_query_bias: w.distance_query_bias?,
        convolution_weight: w.convolution_weight?,
        convolution_bias: w.convolution_bias?,
        convolution_scale: w.convolution_scale?,
        convolution_shift: w.convolution_shift?,
        final_scale: w.final_scale?,
        final_shift: w.final_shift?,
    })
}

#[test]
fn a_block_agrees_with_autograd() {
    compare(Queries::All).expect("candle computes");
}

#[test]
fn a_block_that_computes_first_tokens_only_agrees_with_autograd() {
    compare(Queries::First).expect("candle computes");
}
