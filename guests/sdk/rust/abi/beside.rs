// Written by guests/bindings from the WIT of packages beside the contract; do not edit.
//! Packages that agents may import from beside the contract, by the canonical ABI. All of it is
//! `#[inline]`: it is compiled into agents that call it, and changes nothing of those that do not.
#![allow(dead_code, unused_unsafe, unused_variables)]
use super::*;

/// What has to lie in memory until a call is done.
struct Kept(Vec<Vec<u64>>);

impl Kept {
    /// Zeros, aligned for whatever lies in them.
    #[inline]
    fn place(&mut self, size: usize) -> *mut u8 {
        self.0.push(vec![0; (size + 7) / 8]);
        self.0.last_mut().map_or(core::ptr::null_mut(), |it| it.as_mut_ptr() as *mut u8)
    }
    /// The elements of a list, one behind the other.
    #[inline]
    unsafe fn each<T>(
        &mut self,
        list: &[T],
        size: usize,
        store: unsafe fn(&mut Kept, *mut u8, &T),
    ) -> usize {
        let start = self.place(list.len() * size);
        for (n, item) in list.iter().enumerate() {
            store(self, start.add(n * size), item);
        }
        start as usize
    }
}

#[inline]
unsafe fn store_pair(at: *mut u8, start: usize, count: usize) {
    *(at as *mut [usize; 2]) = [start, count];
}
#[inline]
unsafe fn store_text<T: AsRef<str>>(_: &mut Kept, at: *mut u8, text: &T) {
    store_pair(at, text.as_ref().as_ptr() as usize, text.as_ref().len());
}
#[inline]
unsafe fn list_at<T>(at: *const u8) -> Vec<T> {
    let (start, count) = (word_at(at), word_at(at.add(4)));
    if count == 0 { Vec::new() } else { Vec::from_raw_parts(start as *mut T, count, count) }
}

pub mod swap_swap {
    use super::*;
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Standing {
        pub name: String,
        pub digest: String,
        pub on_trial: bool,
    }

    #[link(wasm_import_module = "wasm-engine:swap/swap@0.1.0")]
    extern "C" {
        #[link_name = "swap"]
        fn raw_swap(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize);
        #[link_name = "running"]
        fn raw_running(a0: usize, a1: usize, a2: usize);
    }
    #[inline]
    pub fn swap(kind: &str, to: &str, keep_old: &Option<u32>) -> Result<u32, Fault> {
        unsafe {
            let v1 = match &keep_old {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item as usize)
                }
            };
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_swap(kind.as_ptr() as usize, kind.len(), to.as_ptr() as usize, to.len(), v1.0, v1.1, out as usize);
            match *out { 0 => Ok(*(out.add(4) as *const u32)), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn running(kind: &str) -> Result<Standing, Fault> {
        unsafe {
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_running(kind.as_ptr() as usize, kind.len(), out as usize);
            match *out { 0 => Ok(Standing { name: text_at(out.add(4)), digest: text_at(out.add(12)), on_trial: *out.add(20) != 0 }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod human_human {
    use super::*;
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Options {
        pub choices: Vec<String>,
        pub timeout: Option<u64>,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Decision {
        pub approved: bool,
        pub comment: String,
        pub by: String,
    }

    #[link(wasm_import_module = "wasm-engine:human/human@0.1.0")]
    extern "C" {
        #[link_name = "ask"]
        fn raw_ask(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: u64, a8: usize);
        #[link_name = "approve"]
        fn raw_approve(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: u64, a8: usize);
        #[link_name = "start-ask"]
        fn raw_start_ask(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: u64, a8: usize);
        #[link_name = "start-approve"]
        fn raw_start_approve(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: u64, a8: usize);
        #[link_name = "take-answer"]
        fn raw_take_answer(a0: u64, a1: usize);
        #[link_name = "take-decision"]
        fn raw_take_decision(a0: u64, a1: usize);
    }
    #[inline]
    pub fn ask(role: &str, question: &str, options: &Options) -> Result<String, Fault> {
        unsafe {
            let v1: Vec<[usize; 2]> =
                options.choices.iter().map(|item| [item.as_ptr() as usize, item.len()]).collect();
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_ask(role.as_ptr() as usize, role.len(), question.as_ptr() as usize, question.len(), v1.as_ptr() as usize, v1.len(), v2.0, v2.1, out as usize);
            match *out { 0 => Ok(text_at(out.add(4))), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn approve(role: &str, what: &str, details: &str, timeout: &Option<u64>) -> Result<Decision, Fault> {
        unsafe {
            let v1 = match &timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_approve(role.as_ptr() as usize, role.len(), what.as_ptr() as usize, what.len(), details.as_ptr() as usize, details.len(), v1.0, v1.1, out as usize);
            match *out { 0 => Ok(Decision { approved: *out.add(4) != 0, comment: text_at(out.add(8)), by: text_at(out.add(16)) }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn start_ask(role: &str, question: &str, options: &Options) -> Result<u64, Fault> {
        unsafe {
            let v1: Vec<[usize; 2]> =
                options.choices.iter().map(|item| [item.as_ptr() as usize, item.len()]).collect();
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start_ask(role.as_ptr() as usize, role.len(), question.as_ptr() as usize, question.len(), v1.as_ptr() as usize, v1.len(), v2.0, v2.1, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    #[inline]
    pub fn start_approve(role: &str, what: &str, details: &str, timeout: &Option<u64>) -> Result<u64, Fault> {
        unsafe {
            let v1 = match &timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start_approve(role.as_ptr() as usize, role.len(), what.as_ptr() as usize, what.len(), details.as_ptr() as usize, details.len(), v1.0, v1.1, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    #[inline]
    pub fn take_answer(number: u64) -> Result<String, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_take_answer(number, out as usize);
            match *out { 0 => Ok(text_at(out.add(4))), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn take_decision(number: u64) -> Result<Decision, Fault> {
        unsafe {
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_take_decision(number, out as usize);
            match *out { 0 => Ok(Decision { approved: *out.add(4) != 0, comment: text_at(out.add(8)), by: text_at(out.add(16)) }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod inference_models {
    use super::*;
    #[derive(Clone, Debug, PartialEq)]
    pub enum Data {
        Float32(Vec<f32>),
        Float64(Vec<f64>),
        Float16(Vec<u16>),
        Bfloat16(Vec<u16>),
        Int8(Vec<i8>),
        Int16(Vec<i16>),
        Int32(Vec<i32>),
        Int64(Vec<i64>),
        Uint8(Vec<u8>),
        Uint16(Vec<u16>),
        Uint32(Vec<u32>),
        Uint64(Vec<u64>),
        Boolean(Vec<bool>),
        Text(Vec<String>),
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Tensor {
        pub name: String,
        pub shape: Vec<u32>,
        pub data: Data,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Slot {
        pub name: String,
        pub element: String,
        pub shape: Vec<Option<u32>>,
        pub optional: bool,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Description {
        pub digest: String,
        pub portable: bool,
        pub inputs: Vec<Slot>,
        pub outputs: Vec<Slot>,
    }

    #[inline]
    unsafe fn store_data(kept: &mut Kept, at: *mut u8, it: &Data) {
        match it {
            Data::Float32(item) => { *at = 0; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Float64(item) => { *at = 1; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Float16(item) => { *at = 2; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Bfloat16(item) => { *at = 3; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Int8(item) => { *at = 4; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Int16(item) => { *at = 5; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Int32(item) => { *at = 6; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Int64(item) => { *at = 7; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Uint8(item) => { *at = 8; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Uint16(item) => { *at = 9; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Uint32(item) => { *at = 10; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Uint64(item) => { *at = 11; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Boolean(item) => { *at = 12; store_pair(at.add(4), item.as_ptr() as usize, item.len()); }
            Data::Text(item) => { *at = 13; let list = kept.each(item, 8, store_text); store_pair(at.add(4), list, item.len()); }
        }
    }

    #[inline]
    unsafe fn store_tensor(kept: &mut Kept, at: *mut u8, it: &Tensor) {
        store_text(kept, at, &it.name);
        store_pair(at.add(8), it.shape.as_ptr() as usize, it.shape.len());
        store_data(kept, at.add(16), &it.data);
    }

    #[link(wasm_import_module = "wasm-engine:inference/models@0.1.0")]
    extern "C" {
        #[link_name = "describe"]
        fn raw_describe(a0: usize, a1: usize, a2: usize);
        #[link_name = "run"]
        fn raw_run(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: u64, a6: usize);
        #[link_name = "start"]
        fn raw_start(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: u64, a6: usize);
        #[link_name = "take"]
        fn raw_take(a0: u64, a1: usize);
    }
    #[inline]
    pub fn describe(model: &str) -> Result<Description, Fault> {
        unsafe {
            let mut area = Area([0u8; 32]);
            let out = area.0.as_mut_ptr();
            raw_describe(model.as_ptr() as usize, model.len(), out as usize);
            match *out { 0 => Ok(Description { digest: text_at(out.add(4)), portable: *out.add(12) != 0, inputs: { let at = out.add(16); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 28) as *const u8; list.push(Slot { name: text_at(at), element: text_at(at.add(8)), shape: { let at = at.add(16); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 8) as *const u8; list.push(match *at { 0 => None, _ => Some(*(at.add(4) as *const u32)) }); } free_list(start, count * 8, 4); list }, optional: *at.add(24) != 0 }); } free_list(start, count * 28, 4); list }, outputs: { let at = out.add(24); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 28) as *const u8; list.push(Slot { name: text_at(at), element: text_at(at.add(8)), shape: { let at = at.add(16); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 8) as *const u8; list.push(match *at { 0 => None, _ => Some(*(at.add(4) as *const u32)) }); } free_list(start, count * 8, 4); list }, optional: *at.add(24) != 0 }); } free_list(start, count * 28, 4); list } }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn run(model: &str, inputs: &[Tensor], timeout: &Option<u64>) -> Result<Vec<Tensor>, Fault> {
        unsafe {
            let kept = &mut Kept(Vec::new());
            let v1 = kept.each(inputs, 28, store_tensor);
            let v2 = match &timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_run(model.as_ptr() as usize, model.len(), v1, inputs.len(), v2.0, v2.1, out as usize);
            match *out { 0 => Ok({ let at = out.add(4); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 28) as *const u8; list.push(Tensor { name: text_at(at), shape: list_at(at.add(8)), data: match *at.add(16) { 0 => Data::Float32(list_at(at.add(20))), 1 => Data::Float64(list_at(at.add(20))), 2 => Data::Float16(list_at(at.add(20))), 3 => Data::Bfloat16(list_at(at.add(20))), 4 => Data::Int8(list_at(at.add(20))), 5 => Data::Int16(list_at(at.add(20))), 6 => Data::Int32(list_at(at.add(20))), 7 => Data::Int64(list_at(at.add(20))), 8 => Data::Uint8(bytes_at(at.add(20))), 9 => Data::Uint16(list_at(at.add(20))), 10 => Data::Uint32(list_at(at.add(20))), 11 => Data::Uint64(list_at(at.add(20))), 12 => Data::Boolean(list_at(at.add(20))), _ => Data::Text({ let at = at.add(20); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 8) as *const u8; list.push(text_at(at)); } free_list(start, count * 8, 4); list }) } }); } free_list(start, count * 28, 4); list }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn start(model: &str, inputs: &[Tensor], timeout: &Option<u64>) -> Result<u64, Fault> {
        unsafe {
            let kept = &mut Kept(Vec::new());
            let v1 = kept.each(inputs, 28, store_tensor);
            let v2 = match &timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start(model.as_ptr() as usize, model.len(), v1, inputs.len(), v2.0, v2.1, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    #[inline]
    pub fn take(number: u64) -> Result<Vec<Tensor>, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_take(number, out as usize);
            match *out { 0 => Ok({ let at = out.add(4); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 28) as *const u8; list.push(Tensor { name: text_at(at), shape: list_at(at.add(8)), data: match *at.add(16) { 0 => Data::Float32(list_at(at.add(20))), 1 => Data::Float64(list_at(at.add(20))), 2 => Data::Float16(list_at(at.add(20))), 3 => Data::Bfloat16(list_at(at.add(20))), 4 => Data::Int8(list_at(at.add(20))), 5 => Data::Int16(list_at(at.add(20))), 6 => Data::Int32(list_at(at.add(20))), 7 => Data::Int64(list_at(at.add(20))), 8 => Data::Uint8(bytes_at(at.add(20))), 9 => Data::Uint16(list_at(at.add(20))), 10 => Data::Uint32(list_at(at.add(20))), 11 => Data::Uint64(list_at(at.add(20))), 12 => Data::Boolean(list_at(at.add(20))), _ => Data::Text({ let at = at.add(20); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 8) as *const u8; list.push(text_at(at)); } free_list(start, count * 8, 4); list }) } }); } free_list(start, count * 28, 4); list }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod inference_embeddings {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:inference/embeddings@0.1.0")]
    extern "C" {
        #[link_name = "dimensions"]
        fn raw_dimensions(a0: usize, a1: usize, a2: usize);
        #[link_name = "embed"]
        fn raw_embed(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize);
    }
    #[inline]
    pub fn dimensions(model: &str) -> Result<u32, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_dimensions(model.as_ptr() as usize, model.len(), out as usize);
            match *out { 0 => Ok(*(out.add(4) as *const u32)), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn embed(model: &str, texts: &[&str]) -> Result<Vec<f32>, Fault> {
        unsafe {
            let v1: Vec<[usize; 2]> =
                texts.iter().map(|item| [item.as_ptr() as usize, item.len()]).collect();
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_embed(model.as_ptr() as usize, model.len(), v1.as_ptr() as usize, v1.len(), out as usize);
            match *out { 0 => Ok(list_at(out.add(4))), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod inference_chat {
    use super::*;
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Role {
        System,
        User,
        Assistant,
        Tool,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Call {
        pub id: String,
        pub name: String,
        pub arguments: String,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Turn {
        pub role: Role,
        pub content: String,
        pub calls: Vec<Call>,
        pub answers: Option<String>,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Tool {
        pub name: String,
        pub description: String,
        pub parameters: String,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub enum Choice {
        Free,
        None,
        Required,
        Named(String),
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct Options {
        pub tools: Vec<Tool>,
        pub choice: Choice,
        pub schema: Option<String>,
        pub most: Option<u32>,
        pub temperature: Option<f64>,
        pub top_p: Option<f64>,
        pub top_k: Option<u32>,
        pub seed: Option<u64>,
        pub stop: Vec<String>,
        pub timeout: Option<u64>,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Finish {
        Stop,
        Length,
        Calls,
        Refused,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Usage {
        pub prompt: u64,
        pub answer: u64,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Answer {
        pub content: String,
        pub calls: Vec<Call>,
        pub finish: Finish,
        pub usage: Usage,
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Description {
        pub context: u32,
        pub most: u32,
    }

    #[inline]
    unsafe fn store_call(kept: &mut Kept, at: *mut u8, it: &Call) {
        store_text(kept, at, &it.id);
        store_text(kept, at.add(8), &it.name);
        store_text(kept, at.add(16), &it.arguments);
    }

    #[inline]
    unsafe fn store_turn(kept: &mut Kept, at: *mut u8, it: &Turn) {
        *at = it.role as u8;
        store_text(kept, at.add(4), &it.content);
        let list = kept.each(&it.calls, 24, store_call);
        store_pair(at.add(12), list, it.calls.len());
        if let Some(item) = &it.answers { *at.add(20) = 1; store_text(kept, at.add(20).add(4), &item); }
    }

    #[inline]
    unsafe fn store_tool(kept: &mut Kept, at: *mut u8, it: &Tool) {
        store_text(kept, at, &it.name);
        store_text(kept, at.add(8), &it.description);
        store_text(kept, at.add(16), &it.parameters);
    }

    #[inline]
    unsafe fn store_choice(kept: &mut Kept, at: *mut u8, it: &Choice) {
        match it {
            Choice::Free => { *at = 0; }
            Choice::None => { *at = 1; }
            Choice::Required => { *at = 2; }
            Choice::Named(item) => { *at = 3; store_text(kept, at.add(4), &item); }
        }
    }

    #[inline]
    unsafe fn store_options(kept: &mut Kept, at: *mut u8, it: &Options) {
        let list = kept.each(&it.tools, 24, store_tool);
        store_pair(at, list, it.tools.len());
        store_choice(kept, at.add(8), &it.choice);
        if let Some(item) = &it.schema { *at.add(20) = 1; store_text(kept, at.add(20).add(4), &item); }
        if let Some(item) = &it.most { *at.add(32) = 1; *(at.add(32).add(4) as *mut u32) = *item; }
        if let Some(item) = &it.temperature { *at.add(40) = 1; *(at.add(40).add(8) as *mut f64) = *item; }
        if let Some(item) = &it.top_p { *at.add(56) = 1; *(at.add(56).add(8) as *mut f64) = *item; }
        if let Some(item) = &it.top_k { *at.add(72) = 1; *(at.add(72).add(4) as *mut u32) = *item; }
        if let Some(item) = &it.seed { *at.add(80) = 1; *(at.add(80).add(8) as *mut u64) = *item; }
        let list = kept.each(&it.stop, 8, store_text);
        store_pair(at.add(96), list, it.stop.len());
        if let Some(item) = &it.timeout { *at.add(104) = 1; *(at.add(104).add(8) as *mut u64) = *item; }
    }

    #[link(wasm_import_module = "wasm-engine:inference/chat@0.1.0")]
    extern "C" {
        #[link_name = "describe"]
        fn raw_describe(a0: usize, a1: usize, a2: usize);
        #[link_name = "complete"]
        fn raw_complete(a0: usize, a1: usize);
        #[link_name = "start"]
        fn raw_start(a0: usize, a1: usize);
        #[link_name = "take"]
        fn raw_take(a0: u64, a1: usize);
    }
    #[inline]
    pub fn describe(model: &str) -> Result<Description, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_describe(model.as_ptr() as usize, model.len(), out as usize);
            match *out { 0 => Ok(Description { context: *(out.add(4) as *const u32), most: *(out.add(8) as *const u32) }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    #[inline]
    pub fn complete(model: &str, turns: &[Turn], options: &Options) -> Result<Answer, Fault> {
        unsafe {
            let kept = &mut Kept(Vec::new());
            let v1 = kept.place(136);
            store_text(kept, v1.add(0), &model);
            let list = kept.each(turns, 32, store_turn);
            store_pair(v1.add(8), list, turns.len());
            store_options(kept, v1.add(16), options);
            let mut area = Area([0u8; 48]);
            let out = area.0.as_mut_ptr();
            raw_complete(v1 as usize, out as usize);
            match *out { 0 => Ok(Answer { content: text_at(out.add(8)), calls: { let at = out.add(16); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 24) as *const u8; list.push(Call { id: text_at(at), name: text_at(at.add(8)), arguments: text_at(at.add(16)) }); } free_list(start, count * 24, 4); list }, finish: match *out.add(24) { 0 => Finish::Stop, 1 => Finish::Length, 2 => Finish::Calls, _ => Finish::Refused }, usage: Usage { prompt: *(out.add(32) as *const u64), answer: *(out.add(40) as *const u64) } }), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    #[inline]
    pub fn start(model: &str, turns: &[Turn], options: &Options) -> Result<u64, Fault> {
        unsafe {
            let kept = &mut Kept(Vec::new());
            let v1 = kept.place(136);
            store_text(kept, v1.add(0), &model);
            let list = kept.each(turns, 32, store_turn);
            store_pair(v1.add(8), list, turns.len());
            store_options(kept, v1.add(16), options);
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start(v1 as usize, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    #[inline]
    pub fn take(number: u64) -> Result<Answer, Fault> {
        unsafe {
            let mut area = Area([0u8; 48]);
            let out = area.0.as_mut_ptr();
            raw_take(number, out as usize);
            match *out { 0 => Ok(Answer { content: text_at(out.add(8)), calls: { let at = out.add(16); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 24) as *const u8; list.push(Call { id: text_at(at), name: text_at(at.add(8)), arguments: text_at(at.add(16)) }); } free_list(start, count * 24, 4); list }, finish: match *out.add(24) { 0 => Finish::Stop, 1 => Finish::Length, 2 => Finish::Calls, _ => Finish::Refused }, usage: Usage { prompt: *(out.add(32) as *const u64), answer: *(out.add(40) as *const u64) } }), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
}
