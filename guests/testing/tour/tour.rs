//! Calls every function of the contract, and says what came of it: the same text in each language.
use std::time::Duration;
use wasm_agent::*;

struct Tour;

fn told<T>(what: Result<T, Fault>, say: impl Fn(T) -> String) -> String {
    match what {
        Ok(value) => say(value),
        Err(fault) => format!("!{}", fault.code),
    }
}
fn done(what: Result<(), Fault>) -> String {
    told(what, |()| "done".to_owned())
}
fn shown(body: Body) -> String {
    match body {
        Body::Text(text) => text,
        Body::Bytes(bytes) => format!("{:?}", bytes),
    }
}
fn got(what: Result<Body, Fault>) -> String {
    told(what, shown)
}

fn memory(lines: &mut Vec<String>) {
    lines.push(done(state::set("a", "grün")));
    lines.push(done(state::set_bytes("b", &[0, 1, 255])));
    lines.push(format!("{:?} {:?}", state::get("a").unwrap(), state::get("b").is_none()));
    lines.push(format!("{:?}", state::get_bytes("b").unwrap()));
    lines.push(state::keys("").join(","));
    state::delete("a");
    lines.push(format!("{:?} {}", state::get("a").is_none(), state::get_bytes("none").is_none()));
    lines.push(done(state::set("", "no key")));
}

fn surroundings(lines: &mut Vec<String>) {
    lines.push(format!("{} {} {}", address(), world(), step()));
    lines.push(format!("{} {}", now().as_nanos(), random() != random()));
    lines.push(config());
    log::debug("d");
    log::info("i");
    log::warning("w");
    log::error("e");
}

fn sending(lines: &mut Vec<String>) {
    lines.push(got(ask("echo", "text", "for you")));
    lines.push(got(ask("echo", "bytes", vec![1u8, 2, 3])));
    lines.push(got(Outgoing::new("header", "").header("k", "v").header("l", "").ask("echo")));
    lines.push(got(ask("echo", "fail", "x")));
    lines.push(got(ask("nobody", "text", "x")));
    lines.push(got(Outgoing::new("keep", "x").timeout(Duration::from_millis(5)).ask("echo")));
    lines.push(done(send("echo", "text", "one way")));
    lines.push(done(publish("news", "to all")));
    let first = Outgoing::new("keep", "x").start("echo").unwrap();
    let second = Outgoing::new("text", "second").start("echo").unwrap();
    let ended = wait_any(&[first, second]).unwrap();
    lines.push(format!("{} {}", ended == second, got(ended.take())));
    first.cancel();
    lines.push(got(first.take()));
    let number = schedule(Duration::from_secs(1), "later", "").unwrap();
    lines.push(format!("{} {}", cancel(number), cancel(number)));
}

fn others(lines: &mut Vec<String>) {
    lines.push(told(spawn("child", "one", "{\"n\":1}"), |it| it));
    lines.push(told(spawn("none", "one", ""), |it| it));
    lines.push(done(watch("child/one")));
    lines.push(done(stop("child/one")));
    lines.push(format!("{}", available_tools().len()));
    lines.push(told(call_tool("none", "{}"), |it| it));
    let request = http::Request::new("GET", "https://nowhere.example/").header("a", "b").body("x");
    lines.push(told(request.fetch(), |it| it.status.to_string()));
    lines.push(told(request.timeout(Duration::from_secs(1)).start(), |_| "started".to_owned()));
}

impl Agent for Tour {
    fn init() -> Result<(), Fault> {
        log::info(&format!("init {}", config()));
        done(state::set("a", "b"));
        Ok(())
    }

    fn handle(message: Message) -> Result<Reply, Fault> {
        match message.topic.as_str() {
            "text" | "bytes" => return Ok(message.body.into()),
            "header" => return Ok(format!("{}={}", message.headers[0].0, message.header("k").unwrap()).into()),
            "fail" => return Err(Fault::new("on-purpose", message.sender)),
            "keep" => {
                let kept = message.defer()?;
                state::set("kept", &kept.0.to_string())?;
                return Ok(Reply::NONE);
            }
            "tour" => {}
            _ => return Ok(().into()),
        }
        let mut lines = Vec::new();
        memory(&mut lines);
        surroundings(&mut lines);
        sending(&mut lines);
        others(&mut lines);
        log::info(&lines.join("\n"));
        Ok(Reply::NONE)
    }
}

export!(Tour);
