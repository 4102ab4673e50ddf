//! Asks models, people and about swaps, and says what came of it: the same text in each language.
use std::time::Duration;
use wasm_agent::chat::{Choice, Finish, Question};
use wasm_agent::models::{Data, Slot, Tensor};
use wasm_agent::*;

struct Counsel;

fn told<T>(what: Result<T, Fault>, say: impl Fn(T) -> String) -> String {
    match what {
        Ok(value) => say(value),
        Err(fault) => format!("!{}", fault.code),
    }
}

fn talk(lines: &mut Vec<String>) -> Result<(), Fault> {
    let question = Question::new("clever")
        .system("Be brief.")
        .user("weather")
        .tool("look", "Looks.", "{\"type\":\"object\"}");
    let answer = question.ask()?;
    let call = &answer.calls[0];
    lines.push(format!("{} {} {}", answer.finish == Finish::Calls, call.name, call.arguments));
    let answer = question.answered(&answer).result(call, "wet").ask()?;
    lines.push(format!("{} {}+{}", answer.content, answer.usage.prompt, answer.usage.answer));
    let mut full = Question::new("clever")
        .user("all")
        .tool("look", "Looks.", "{}")
        .choice(Choice::Named("look".to_owned()))
        .schema("{\"type\":\"string\"}")
        .most(7)
        .temperature(0.5)
        .timeout(Duration::from_secs(1));
    full.options.top_p = Some(0.25);
    full.options.top_k = Some(3);
    full.options.seed = Some(9);
    full.options.stop = vec!["\n".to_owned(), "end".to_owned()];
    lines.push(told(full.ask(), |it| it.content));
    let first = Question::new("clever").user("one").start()?;
    let second = Question::new("clever").user("two").start()?;
    let ended = wait_any(&[first.request(), second.request()])?;
    lines.push(format!("{} {}", ended == first.request(), first.take()?.content));
    lines.push(second.wait()?.content);
    lines.push(told(chat::ask("clever", "three"), |it| it));
    lines.push(told(chat::ask("nobody", "three"), |it| it));
    lines.push(told(chat::describe("clever"), |it| format!("{} {}", it.context, it.most)));
    Ok(())
}

fn shown(slots: &[Slot]) -> String {
    let one = |slot: &Slot| {
        let sizes = slot.shape.iter().map(|size| size.map_or("any".to_owned(), |it| it.to_string()));
        let sizes: Vec<String> = sizes.collect();
        format!("{} {}[{}]{}", slot.name, slot.element, sizes.join(","), ["", "?"][slot.optional as usize])
    };
    slots.iter().map(one).collect::<Vec<_>>().join(" ")
}

fn inputs(x: f32) -> Vec<Tensor> {
    vec![
        Tensor::new("words", &[2], ["grün".to_owned(), String::new()]),
        Tensor::new("yes", &[], [true]),
        Tensor::new("x", &[1, 2], [x, 1.5]),
    ]
}

fn said(outputs: Vec<Tensor>) -> String {
    let words = outputs[0].values::<String>().unwrap().join("|");
    let no = outputs[1].values::<bool>().unwrap()[0];
    let sums = outputs[2].values::<f32>().unwrap();
    let tenths: Vec<String> = sums.iter().map(|it| ((it * 10.0) as i64).to_string()).collect();
    format!("{} {} {} {}", words, no, outputs[2].name, tenths.join(","))
}

fn compute(lines: &mut Vec<String>) -> Result<(), Fault> {
    let about = models::describe("mixed")?;
    lines.push(format!("{} {} {}", about.digest.len(), about.portable, shown(&about.inputs)));
    lines.push(shown(&about.outputs));
    lines.push(told(models::run("mixed", &inputs(0.5)), said));
    let first = models::start("mixed", &inputs(1.0))?;
    let call = inputs(2.0);
    let second = models::Call::new("mixed", &call).timeout(Duration::from_secs(9)).start()?;
    second.request().cancel();
    lines.push(told(first.wait(), said));
    lines.push(told(second.take(), said));
    lines.push(told(models::run("nobody", &[]), said));
    lines.push(told(models::run("mixed", &inputs(0.5)[..1]), said));
    let half = models::run("half", &[Tensor::new("h", &[1], Data::Float16(vec![0x3c00]))])?;
    lines.push(format!("{} {}", half[0].data == Data::Float16(vec![0x3c00]), half[0].shape[0]));
    lines.push(told(half[0].values::<f32>(), |it| it.len().to_string()));
    Ok(())
}

fn embed(lines: &mut Vec<String>) -> Result<(), Fault> {
    let it = embeddings::embed("texts", &["a cat", "a cat", "the dog"])?;
    lines.push(format!("{} {} {} {}", it.len(), it[0].len(), it[0] == it[1], it[0] == it[2]));
    lines.push(told(embeddings::embed("texts", &[]), |it| it.len().to_string()));
    lines.push(told(embeddings::dimensions("texts"), |it| it.to_string()));
    lines.push(told(embeddings::embed("nobody", &["a"]), |it| it.len().to_string()));
    Ok(())
}

fn swaps(lines: &mut Vec<String>) {
    lines.push(told(swap::running("idle"), |it| format!("{} {} {}", it.name, it.digest.len(), it.on_trial)));
    lines.push(told(swap::to("idle", "none", None), |it| it.to_string()));
    lines.push(told(swap::to("counsel", "source", Some(0)), |it| it.to_string()));
}

fn people() -> Result<String, Fault> {
    let approval = human::Approval::new("owner", "Pay?", "All of it.").start()?;
    let question = human::Question::new("owner", "Which?").choices(&["this", "that"]).ask()?;
    let decision = approval.wait()?;
    let waiting = human::Question::new("owner", "Now?").timeout(Duration::from_secs(1)).ask();
    let refused = human::approve("nobody", "Pay?", "");
    Ok(format!(
        "{} {} {} {} {} {}", question, decision.approved, decision.comment, decision.by,
        told(waiting, |it| it), told(refused, |it| it.by)
    ))
}

impl Agent for Counsel {
    fn handle(message: Message) -> Result<Reply, Fault> {
        let mut lines = Vec::new();
        match message.topic.as_str() {
            "chat" => talk(&mut lines)?,
            "models" => compute(&mut lines)?,
            "texts" => embed(&mut lines)?,
            "swap" => swaps(&mut lines),
            "people" => lines.push(people()?),
            _ => {}
        }
        log::info(&lines.join("\n"));
        Ok(Reply::NONE)
    }
}

export!(Counsel);
