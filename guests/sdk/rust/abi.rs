// Written by guests/bindings from wit/wasm-engine-agent@0.1.0/agent.wit; do not edit.
//! The contract as the host sees it, by the canonical ABI.
#![allow(clippy::all)]

#[inline]
unsafe fn bytes_at(at: *const u8) -> Vec<u8> {
    let (start, size) = (word_at(at), word_at(at.add(4)));
    bytes_of(start, size)
}
#[inline]
unsafe fn bytes_of(start: usize, size: usize) -> Vec<u8> {
    if size == 0 { Vec::new() } else { Vec::from_raw_parts(start as *mut u8, size, size) }
}
#[inline]
unsafe fn text_of(start: usize, size: usize) -> String {
    // The host gives Unicode text only: the canonical ABI says so.
    String::from_utf8_unchecked(bytes_of(start, size))
}
#[inline]
unsafe fn text_at(at: *const u8) -> String {
    String::from_utf8_unchecked(bytes_at(at))
}
#[inline]
unsafe fn word_at(at: *const u8) -> usize {
    *(at as *const usize)
}
#[inline]
unsafe fn free_list(start: usize, size: usize, align: usize) {
    if size > 0 {
        let layout = std::alloc::Layout::from_size_align_unchecked(size, align);
        std::alloc::dealloc(start as *mut u8, layout);
    }
}
/// Eight-byte words, so that whatever lies in it is aligned.
#[repr(C, align(8))]
struct Area<const N: usize>([u8; N]);

#[export_name = "cabi_realloc"]
unsafe extern "C" fn cabi_realloc(
    old: *mut u8,
    old_size: usize,
    align: usize,
    size: usize,
) -> *mut u8 {
    use std::alloc::{alloc, realloc, Layout};
    let at = if old_size > 0 {
        realloc(old, Layout::from_size_align_unchecked(old_size, align), size)
    } else if size == 0 {
        return align as *mut u8;
    } else {
        alloc(Layout::from_size_align_unchecked(size, align))
    };
    if at.is_null() {
        core::arch::wasm32::unreachable()
    }
    at
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Text(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: u64,
    pub sender: String,
    pub topic: String,
    pub body: Body,
    pub headers: Vec<(String, String)>,
    pub request: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: String,
    pub detail: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    pub timeout: Option<u64>,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tool {
    pub name: String,
    pub description: String,
    pub input_schema: String,
    pub output_schema: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Body>,
    pub timeout: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Body,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

pub mod messaging {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/messaging@0.1.0")]
    extern "C" {
        #[link_name = "send"]
        fn raw_send(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: u64, a9: usize, a10: usize, a11: usize);
        #[link_name = "publish"]
        fn raw_publish(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: u64, a7: usize, a8: usize, a9: usize);
        #[link_name = "reply"]
        fn raw_reply(a0: usize, a1: usize, a2: usize, a3: usize);
        #[link_name = "defer"]
        fn raw_defer(a0: usize);
        #[link_name = "reply-to"]
        fn raw_reply_to(a0: u64, a1: usize, a2: usize, a3: usize, a4: usize);
        #[link_name = "ask"]
        fn raw_ask(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: u64, a9: usize, a10: usize, a11: usize);
        #[link_name = "start"]
        fn raw_start(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: u64, a9: usize, a10: usize, a11: usize);
        #[link_name = "wait-any"]
        fn raw_wait_any(a0: usize, a1: usize, a2: usize);
        #[link_name = "take"]
        fn raw_take(a0: u64, a1: usize);
        #[link_name = "cancel-request"]
        fn raw_cancel_request(a0: u64);
        #[link_name = "schedule"]
        fn raw_schedule(a0: u64, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize);
        #[link_name = "cancel"]
        fn raw_cancel(a0: u64) -> usize;
    }
    pub fn send(to: &str, topic: &str, body: &Body, options: &Options) -> Result<(), Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let v3: Vec<[usize; 4]> =
                options.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_send(to.as_ptr() as usize, to.len(), topic.as_ptr() as usize, topic.len(), v1.0, v1.1, v1.2, v2.0, v2.1, v3.as_ptr() as usize, v3.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn publish(topic: &str, body: &Body, options: &Options) -> Result<(), Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let v3: Vec<[usize; 4]> =
                options.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_publish(topic.as_ptr() as usize, topic.len(), v1.0, v1.1, v1.2, v2.0, v2.1, v3.as_ptr() as usize, v3.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn reply(body: &Body) -> Result<(), Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_reply(v1.0, v1.1, v1.2, out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn defer() -> Result<u64, Fault> {
        unsafe {
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_defer(out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    pub fn reply_to(request: u64, body: &Body) -> Result<(), Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_reply_to(request, v1.0, v1.1, v1.2, out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn ask(to: &str, topic: &str, body: &Body, options: &Options) -> Result<Body, Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let v3: Vec<[usize; 4]> =
                options.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_ask(to.as_ptr() as usize, to.len(), topic.as_ptr() as usize, topic.len(), v1.0, v1.1, v1.2, v2.0, v2.1, v3.as_ptr() as usize, v3.len(), out as usize);
            match *out { 0 => Ok(match *out.add(4) { 0 => Body::Text(text_at(out.add(8))), _ => Body::Bytes(bytes_at(out.add(8))) }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn start(to: &str, topic: &str, body: &Body, options: &Options) -> Result<u64, Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let v2 = match &options.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let v3: Vec<[usize; 4]> =
                options.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start(to.as_ptr() as usize, to.len(), topic.as_ptr() as usize, topic.len(), v1.0, v1.1, v1.2, v2.0, v2.1, v3.as_ptr() as usize, v3.len(), out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    pub fn wait_any(requests: &[u64]) -> Result<u64, Fault> {
        unsafe {
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_wait_any(requests.as_ptr() as usize, requests.len(), out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    pub fn take(request: u64) -> Result<Body, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_take(request, out as usize);
            match *out { 0 => Ok(match *out.add(4) { 0 => Body::Text(text_at(out.add(8))), _ => Body::Bytes(bytes_at(out.add(8))) }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn cancel_request(request: u64) {
        unsafe {
            raw_cancel_request(request);
        }
    }
    pub fn schedule(after: u64, topic: &str, body: &Body) -> Result<u64, Fault> {
        unsafe {
            let v1 = match &body {
                Body::Text(item) => {
                    (0usize, item.as_ptr() as usize, item.len())
                }
                Body::Bytes(item) => {
                    (1usize, item.as_ptr() as usize, item.len())
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_schedule(after, topic.as_ptr() as usize, topic.len(), v1.0, v1.1, v1.2, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    pub fn cancel(id: u64) -> bool {
        unsafe {
            raw_cancel(id) != 0
        }
    }
}

pub mod agents {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/agents@0.1.0")]
    extern "C" {
        #[link_name = "spawn"]
        fn raw_spawn(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize);
        #[link_name = "stop"]
        fn raw_stop(a0: usize, a1: usize, a2: usize);
        #[link_name = "watch"]
        fn raw_watch(a0: usize, a1: usize, a2: usize);
    }
    pub fn spawn(kind: &str, key: &str, config: &str) -> Result<String, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_spawn(kind.as_ptr() as usize, kind.len(), key.as_ptr() as usize, key.len(), config.as_ptr() as usize, config.len(), out as usize);
            match *out { 0 => Ok(text_at(out.add(4))), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn stop(agent: &str) -> Result<(), Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_stop(agent.as_ptr() as usize, agent.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn watch(agent: &str) -> Result<(), Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_watch(agent.as_ptr() as usize, agent.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod state {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/state@0.1.0")]
    extern "C" {
        #[link_name = "get"]
        fn raw_get(a0: usize, a1: usize, a2: usize);
        #[link_name = "set"]
        fn raw_set(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize);
        #[link_name = "delete"]
        fn raw_delete(a0: usize, a1: usize);
        #[link_name = "keys"]
        fn raw_keys(a0: usize, a1: usize, a2: usize);
        #[link_name = "get-bytes"]
        fn raw_get_bytes(a0: usize, a1: usize, a2: usize);
        #[link_name = "set-bytes"]
        fn raw_set_bytes(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize);
    }
    pub fn get(key: &str) -> Option<String> {
        unsafe {
            let mut area = Area([0u8; 12]);
            let out = area.0.as_mut_ptr();
            raw_get(key.as_ptr() as usize, key.len(), out as usize);
            match *out { 0 => None, _ => Some(text_at(out.add(4))) }
        }
    }
    pub fn set(key: &str, value: &str) -> Result<(), Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_set(key.as_ptr() as usize, key.len(), value.as_ptr() as usize, value.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn delete(key: &str) {
        unsafe {
            raw_delete(key.as_ptr() as usize, key.len());
        }
    }
    pub fn keys(prefix: &str) -> Vec<String> {
        unsafe {
            let mut area = Area([0u8; 8]);
            let out = area.0.as_mut_ptr();
            raw_keys(prefix.as_ptr() as usize, prefix.len(), out as usize);
            { let at = out; let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 8) as *const u8; list.push(text_at(at)); } free_list(start, count * 8, 4); list }
        }
    }
    pub fn get_bytes(key: &str) -> Option<Vec<u8>> {
        unsafe {
            let mut area = Area([0u8; 12]);
            let out = area.0.as_mut_ptr();
            raw_get_bytes(key.as_ptr() as usize, key.len(), out as usize);
            match *out { 0 => None, _ => Some(bytes_at(out.add(4))) }
        }
    }
    pub fn set_bytes(key: &str, value: &[u8]) -> Result<(), Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_set_bytes(key.as_ptr() as usize, key.len(), value.as_ptr() as usize, value.len(), out as usize);
            match *out { 0 => Ok(()), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod context {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/context@0.1.0")]
    extern "C" {
        #[link_name = "self-address"]
        fn raw_self_address(a0: usize);
        #[link_name = "world-name"]
        fn raw_world_name(a0: usize);
        #[link_name = "step"]
        fn raw_step() -> u64;
        #[link_name = "now"]
        fn raw_now() -> u64;
        #[link_name = "random"]
        fn raw_random() -> u64;
        #[link_name = "config"]
        fn raw_config(a0: usize);
    }
    pub fn self_address() -> String {
        unsafe {
            let mut area = Area([0u8; 8]);
            let out = area.0.as_mut_ptr();
            raw_self_address(out as usize);
            text_at(out)
        }
    }
    pub fn world_name() -> String {
        unsafe {
            let mut area = Area([0u8; 8]);
            let out = area.0.as_mut_ptr();
            raw_world_name(out as usize);
            text_at(out)
        }
    }
    pub fn step() -> u64 {
        unsafe {
            raw_step() as u64
        }
    }
    pub fn now() -> u64 {
        unsafe {
            raw_now() as u64
        }
    }
    pub fn random() -> u64 {
        unsafe {
            raw_random() as u64
        }
    }
    pub fn config() -> String {
        unsafe {
            let mut area = Area([0u8; 8]);
            let out = area.0.as_mut_ptr();
            raw_config(out as usize);
            text_at(out)
        }
    }
}

pub mod tools {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/tools@0.1.0")]
    extern "C" {
        #[link_name = "available"]
        fn raw_available(a0: usize);
        #[link_name = "call"]
        fn raw_call(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize);
    }
    pub fn available() -> Vec<Tool> {
        unsafe {
            let mut area = Area([0u8; 8]);
            let out = area.0.as_mut_ptr();
            raw_available(out as usize);
            { let at = out; let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 32) as *const u8; list.push(Tool { name: text_at(at), description: text_at(at.add(8)), input_schema: text_at(at.add(16)), output_schema: text_at(at.add(24)) }); } free_list(start, count * 32, 4); list }
        }
    }
    pub fn call(name: &str, arguments: &str) -> Result<String, Fault> {
        unsafe {
            let mut area = Area([0u8; 20]);
            let out = area.0.as_mut_ptr();
            raw_call(name.as_ptr() as usize, name.len(), arguments.as_ptr() as usize, arguments.len(), out as usize);
            match *out { 0 => Ok(text_at(out.add(4))), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod http {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/http@0.1.0")]
    extern "C" {
        #[link_name = "fetch"]
        fn raw_fetch(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: usize, a9: usize, a10: usize, a11: u64, a12: usize);
        #[link_name = "start"]
        fn raw_start(a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: usize, a9: usize, a10: usize, a11: u64, a12: usize);
        #[link_name = "take"]
        fn raw_take(a0: u64, a1: usize);
    }
    pub fn fetch(request: &Request) -> Result<Response, Fault> {
        unsafe {
            let v1: Vec<[usize; 4]> =
                request.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let v2 = match &request.body {
                None => {
                    (0usize, 0, 0, 0)
                }
                Some(item) => {
                    let v3 = match &item {
                        Body::Text(item) => {
                            (0usize, item.as_ptr() as usize, item.len())
                        }
                        Body::Bytes(item) => {
                            (1usize, item.as_ptr() as usize, item.len())
                        }
                    };
                    (1usize, v3.0, v3.1, v3.2)
                }
            };
            let v3 = match &request.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 28]);
            let out = area.0.as_mut_ptr();
            raw_fetch(request.method.as_ptr() as usize, request.method.len(), request.url.as_ptr() as usize, request.url.len(), v1.as_ptr() as usize, v1.len(), v2.0, v2.1, v2.2, v2.3, v3.0, v3.1, out as usize);
            match *out { 0 => Ok(Response { status: *(out.add(4) as *const u16), headers: { let at = out.add(8); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 16) as *const u8; list.push((text_at(at), text_at(at.add(8)))); } free_list(start, count * 16, 4); list }, body: match *out.add(16) { 0 => Body::Text(text_at(out.add(20))), _ => Body::Bytes(bytes_at(out.add(20))) } }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
    pub fn start(request: &Request) -> Result<u64, Fault> {
        unsafe {
            let v1: Vec<[usize; 4]> =
                request.headers.iter().map(|item| [item.0.as_ptr() as usize, item.0.len(), item.1.as_ptr() as usize, item.1.len()]).collect();
            let v2 = match &request.body {
                None => {
                    (0usize, 0, 0, 0)
                }
                Some(item) => {
                    let v3 = match &item {
                        Body::Text(item) => {
                            (0usize, item.as_ptr() as usize, item.len())
                        }
                        Body::Bytes(item) => {
                            (1usize, item.as_ptr() as usize, item.len())
                        }
                    };
                    (1usize, v3.0, v3.1, v3.2)
                }
            };
            let v3 = match &request.timeout {
                None => {
                    (0usize, 0)
                }
                Some(item) => {
                    (1usize, *item)
                }
            };
            let mut area = Area([0u8; 24]);
            let out = area.0.as_mut_ptr();
            raw_start(request.method.as_ptr() as usize, request.method.len(), request.url.as_ptr() as usize, request.url.len(), v1.as_ptr() as usize, v1.len(), v2.0, v2.1, v2.2, v2.3, v3.0, v3.1, out as usize);
            match *out { 0 => Ok(*(out.add(8) as *const u64)), _ => Err(Fault { code: text_at(out.add(8)), detail: text_at(out.add(16)) }) }
        }
    }
    pub fn take(number: u64) -> Result<Response, Fault> {
        unsafe {
            let mut area = Area([0u8; 28]);
            let out = area.0.as_mut_ptr();
            raw_take(number, out as usize);
            match *out { 0 => Ok(Response { status: *(out.add(4) as *const u16), headers: { let at = out.add(8); let (start, count) = (word_at(at), word_at(at.add(4))); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 16) as *const u8; list.push((text_at(at), text_at(at.add(8)))); } free_list(start, count * 16, 4); list }, body: match *out.add(16) { 0 => Body::Text(text_at(out.add(20))), _ => Body::Bytes(bytes_at(out.add(20))) } }), _ => Err(Fault { code: text_at(out.add(4)), detail: text_at(out.add(12)) }) }
        }
    }
}

pub mod log {
    use super::*;
    #[link(wasm_import_module = "wasm-engine:agent/log@0.1.0")]
    extern "C" {
        #[link_name = "write"]
        fn raw_write(a0: usize, a1: usize, a2: usize);
    }
    pub fn write(level: Level, text: &str) {
        unsafe {
            raw_write(level as usize, text.as_ptr() as usize, text.len());
        }
    }
}

/// What a component of this world exports.
pub trait Handler {
    fn init() -> Result<(), Fault>;
    fn handle(message: Message) -> Result<(), Fault>;
}

#[doc(hidden)]
pub unsafe fn init_of<T: Handler>() -> *const u8 {
    give(T::init())
}

#[doc(hidden)]
pub unsafe fn handle_of<T: Handler>(a0: u64, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: usize, a9: usize, a10: usize, a11: u64) -> *const u8 {
    give(T::handle(Message { id: a0, sender: text_of(a1, a2), topic: text_of(a3, a4), body: match a5 { 0 => Body::Text(text_of(a6, a7)), _ => Body::Bytes(bytes_of(a6, a7)) }, headers: { let (start, count) = (a8, a9); let mut list = Vec::with_capacity(count); for n in 0..count { let at = (start + n * 16) as *const u8; list.push((text_at(at), text_at(at.add(8)))); } free_list(start, count * 16, 4); list }, request: match a10 { 0 => None, _ => Some(a11) } }))
}

/// Where the result of the last export lies; its fault is kept until the next one.
static mut RESULT: [usize; 5] = [0; 5];
static mut FAULT: Option<Fault> = None;

unsafe fn give(result: Result<(), Fault>) -> *const u8 {
    RESULT = [0; 5];
    if let Err(fault) = result {
        RESULT = [
            1,
            fault.code.as_ptr() as usize,
            fault.code.len(),
            fault.detail.as_ptr() as usize,
            fault.detail.len(),
        ];
        FAULT = Some(fault);
    }
    core::ptr::addr_of!(RESULT) as *const u8
}

#[doc(hidden)]
#[macro_export]
macro_rules! export_handler {
    ($type:ty) => {
        #[export_name = "wasm-engine:agent/handler@0.1.0#init"]
        unsafe extern "C" fn export_init() -> *const u8 {
            $crate::abi::init_of::<$type>()
        }
        #[export_name = "wasm-engine:agent/handler@0.1.0#handle"]
        unsafe extern "C" fn export_handle(a0: u64, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize, a6: usize, a7: usize, a8: usize, a9: usize, a10: usize, a11: u64) -> *const u8 {
            $crate::abi::handle_of::<$type>(a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11)
        }
    };
}

pub mod beside;
