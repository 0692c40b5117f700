//! The machine that the program runs on, for records: figures are
//! bit-identical on one kind of processor only.

use super::text::many;
use serde::Serialize;

/// What decides whether another machine gives the same figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Operating system and architecture.
    pub system: String,
    /// The processor's name, where the system tells it.
    pub processor: Option<String>,
    /// Its vector instructions that the matrix products can use.
    pub features: Vec<&'static str>,
    /// Threads that the program may use.
    pub cores: usize,
}

impl Machine {
    /// This machine.
    pub fn here() -> Self {
        Self {
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            processor: processor(),
            features: features(),
            cores: std::thread::available_parallelism().map_or(1, Into::into),
        }
    }
}

impl Machine {
    /// Its kind: machines of one kind give figures that are equal to the bit,
    /// whatever their number of cores.
    pub fn kind(&self) -> String {
        let mut kind = self.system.clone();
        if let Some(processor) = &self.processor {
            kind += &format!(", {processor}");
        }
        if !self.features.is_empty() {
            kind += &format!(" ({})", self.features.join(", "));
        }
        kind
    }
}

impl std::fmt::Display for Machine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", self.kind(), many(self.cores, "core"))
    }
}

/// The name in `/proc/cpuinfo`; other systems tell it in ways of their own.
fn processor() -> Option<String> {
    let text = std::fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}

#[cfg(target_arch = "x86_64")]
fn features() -> Vec<&'static str> {
    let known = [
        ("AVX2", std::is_x86_feature_detected!("avx2")),
        ("FMA", std::is_x86_feature_detected!("fma")),
        ("AVX-512F", std::is_x86_feature_detected!("avx512f")),
    ];
    let there = known.into_iter().filter(|(_, there)| *there);
    there.map(|(name, _)| name).collect()
}

#[cfg(not(target_arch = "x86_64"))]
fn features() -> Vec<&'static str> {
    Vec::new()
}
