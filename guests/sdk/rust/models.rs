//! Models of tensors that this agent was granted (`model:NAME`).
//!
//! ```ignore
//! let outputs = models::run("mlp", &[Tensor::new("x", &[1, 2], [0.5f32, 1.0])])?;
//! let y: &[f32] = outputs[0].values()?;
//! ```
use crate::abi::beside::inference_models as abi;
use crate::abi::Fault;
use crate::outgoing::nanoseconds;
use crate::pending::Pending;
use std::time::Duration;

pub use crate::abi::beside::inference_models::{Data, Description, Slot, Tensor};

/// Has a model compute, and waits; all that it gives, in its order.
#[inline]
pub fn run(model: &str, inputs: &[Tensor]) -> Result<Vec<Tensor>, Fault> {
    Call::new(model, inputs).run()
}

/// Has it compute, and goes on.
#[inline]
pub fn start(model: &str, inputs: &[Tensor]) -> Result<Pending<Vec<Tensor>>, Fault> {
    Call::new(model, inputs).start()
}

/// What a model takes and gives.
#[inline]
pub fn describe(model: &str) -> Result<Description, Fault> {
    abi::describe(model)
}

/// A call with less time than the manifest gives: `Call::new("mlp", &inputs).timeout(span).run()`.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    model: &'a str,
    inputs: &'a [Tensor],
    timeout: Option<u64>,
}

impl<'a> Call<'a> {
    /// A call of a model.
    #[inline]
    pub fn new(model: &'a str, inputs: &'a [Tensor]) -> Self {
        Call { model, inputs, timeout: None }
    }

    /// With a span of real time until it ends with `timeout`.
    #[inline]
    pub fn timeout(mut self, span: Duration) -> Self {
        self.timeout = Some(nanoseconds(span));
        self
    }

    /// Has the model compute, and waits.
    #[inline]
    pub fn run(&self) -> Result<Vec<Tensor>, Fault> {
        abi::run(self.model, self.inputs, &self.timeout)
    }

    /// Has it compute, and goes on.
    #[inline]
    pub fn start(&self) -> Result<Pending<Vec<Tensor>>, Fault> {
        let number = abi::start(self.model, self.inputs, &self.timeout)?;
        Ok(Pending::new(number, abi::take))
    }
}

impl Tensor {
    /// A tensor, in row-major order; one number by itself has an empty shape.
    #[inline]
    pub fn new(name: &str, shape: &[u32], data: impl Into<Data>) -> Self {
        Tensor { name: name.to_owned(), shape: shape.to_owned(), data: data.into() }
    }

    /// What it holds, if it holds that: `tensor.values::<f32>()`; else `bad-tensor`. Half-precision
    /// numbers are the `u16` of `Data::Float16` and `Data::Bfloat16`.
    #[inline]
    pub fn values<T: Element>(&self) -> Result<&[T], Fault> {
        T::values(&self.data).ok_or_else(|| {
            Fault::new("bad-tensor", format!("{} holds no {}", self.name, T::NAME))
        })
    }
}

/// What a tensor may hold.
pub trait Element: Sized {
    /// What it is called in the contract.
    const NAME: &'static str;
    /// Those of a tensor that holds such.
    fn values(data: &Data) -> Option<&[Self]>;
}

macro_rules! elements {
    ($($type:ty, $case:ident, $name:literal;)*) => {$(
        impl Element for $type {
            const NAME: &'static str = $name;
            #[inline]
            fn values(data: &Data) -> Option<&[Self]> {
                match data {
                    Data::$case(values) => Some(values),
                    _ => None,
                }
            }
        }
        impl From<Vec<$type>> for Data {
            #[inline]
            fn from(values: Vec<$type>) -> Self {
                Data::$case(values)
            }
        }
        impl From<&[$type]> for Data {
            #[inline]
            fn from(values: &[$type]) -> Self {
                Data::$case(values.to_owned())
            }
        }
        impl<const N: usize> From<[$type; N]> for Data {
            #[inline]
            fn from(values: [$type; N]) -> Self {
                Data::$case(values.into())
            }
        }
    )*};
}

elements! {
    f32, Float32, "float32";
    f64, Float64, "float64";
    i8, Int8, "int8";
    i16, Int16, "int16";
    i32, Int32, "int32";
    i64, Int64, "int64";
    u8, Uint8, "uint8";
    u16, Uint16, "uint16";
    u32, Uint32, "uint32";
    u64, Uint64, "uint64";
    bool, Boolean, "boolean";
    String, Text, "text";
}
