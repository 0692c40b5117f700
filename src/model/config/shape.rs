//! What tells encoders of one family from those of another, apart from sizes.

use crate::support::{Error, Result};

/// The function between the two feed-forward products, or in the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// x Φ(x), by the error function (Hendrycks and Gimpel 2016).
    Gelu,
    /// Its approximation by a hyperbolic tangent, from the same paper.
    GeluTanh,
    /// max(x, 0).
    Relu,
    /// x / (1 + e^-x) (Elfwing, Uchibe and Doya 2018), also called swish.
    Silu,
    /// Hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The activation of a name in `config.json`.
    ///
    /// # Errors
    /// When it is another one.
    pub fn of(name: &str) -> Result<Self> {
        match name {
            "gelu" | "gelu_python" => Ok(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_python_tanh" | "gelu_fast"
            | "gelu_accurate" => Ok(Self::GeluTanh),
            "relu" => Ok(Self::Relu),
            "silu" | "swish" => Ok(Self::Silu),
            "tanh" => Ok(Self::Tanh),
            _ => Err(
                Error::input(format!("the activation `{name}` is not supported")).hint(
                    "use a model with one of these: gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, \
                     relu, silu, swish, tanh; or import predictions and embeddings of your own \
                     model",
                ),
            ),
        }
    }

    /// Its name in `config.json`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gelu => "gelu",
            Self::GeluTanh => "gelu_pytorch_tanh",
            Self::Relu => "relu",
            Self::Silu => "silu",
            Self::Tanh => "tanh",
        }
    }
}

/// What the head reads of the last block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pooling {
    /// The first token of a text.
    First,
    /// The mean over all tokens of a text.
    Mean,
}

/// The layer between the pooled states and the classifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadShape {
    /// What it reads.
    pub pooling: Pooling,
    /// Its activation.
    pub activation: Activation,
    /// Whether what it reads is dropped out in training, too.
    pub drops_input: bool,
    /// Whether a LayerNorm follows the activation.
    pub normed: bool,
}

/// Which layers add a bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Biases {
    /// The projections of attention.
    pub attention: bool,
    /// The feed-forward part.
    pub feed_forward: bool,
    /// Every LayerNorm.
    pub norm: bool,
    /// The head's dense layer; the classifier always has one.
    pub head: bool,
}

impl Biases {
    /// Everywhere, as in BERT.
    pub const ALL: Self = Self {
        attention: true,
        feed_forward: true,
        norm: true,
        head: true,
    };
}

/// How attention knows how far two tokens stand apart.
#[derive(Debug, Clone, PartialEq)]
pub enum Distances {
    /// It does not: the embeddings alone say where a token stands.
    Untold,
    /// A bias for each head and each bucket of distances, shared by all
    /// blocks, of so many rows (MPNet).
    Biased(usize),
    /// Tokens attend to distances and distances to tokens (DeBERTa).
    Disentangled(Disentangled),
    /// Queries and keys are turned by their positions (ModernBERT).
    Rotary(Rotary),
}

/// Sizes of disentangled attention (He et al. 2021).
#[derive(Debug, Clone, PartialEq)]
pub struct Disentangled {
    /// Half the rows of the table of distances: rows below stand for tokens
    /// that follow, rows above for those in front.
    pub span: usize,
    /// Number of buckets for each direction, wider with the distance; 0 when
    /// each distance has its own row.
    pub buckets: usize,
    /// The largest distance that has a bucket of its own.
    pub farthest: usize,
    /// Whether a token asks for distances.
    pub content_to_position: bool,
    /// Whether distances ask for a token.
    pub position_to_content: bool,
    /// Whether distances are projected by the weights of the tokens.
    pub shared: bool,
    /// Whether the table is normalised.
    pub normed: bool,
    /// Whether the table is there at all; without it only the scale of the
    /// scores differs from BERT's.
    pub relative: bool,
}

/// What the larger DeBERTa-v2 models have beside their first block (He et al.
/// 2021): a convolution over the embeddings of neighbouring tokens, whose
/// result is added to the block's output and normed with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// Tokens that it reads at once: an odd number, as many to either side.
    pub kernel: usize,
    /// Its activation.
    pub activation: Activation,
}

/// Rotary positions (Su et al. 2021) and who looks how far.
#[derive(Debug, Clone, PartialEq)]
pub struct Rotary {
    /// Base of the wavelengths in blocks that look at the whole text.
    pub global_theta: f64,
    /// The same in blocks that look at a neighbourhood.
    pub local_theta: f64,
    /// How many tokens to either side such a block sees.
    pub reach: usize,
    /// For each block, whether it looks at the whole text.
    pub is_global: Vec<bool>,
}
