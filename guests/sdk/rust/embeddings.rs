//! Models that turn texts into vectors, granted as `model:NAME`.
use crate::abi::beside::inference_embeddings as abi;
use crate::abi::Fault;

/// A vector for each text.
#[inline]
pub fn embed(model: &str, texts: &[&str]) -> Result<Vec<Vec<f32>>, Fault> {
    let numbers = abi::embed(model, texts)?;
    let dimensions = numbers.len() / texts.len().max(1);
    Ok(numbers.chunks_exact(dimensions.max(1)).map(<[f32]>::to_vec).collect())
}

/// How many numbers a vector has.
#[inline]
pub fn dimensions(model: &str) -> Result<u32, Fault> {
    abi::dimensions(model)
}
