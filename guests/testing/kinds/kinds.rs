//! Uses of a system that a command may have, each under a name: see tests/wasi/test_compiled_commands.py.
use std::io::{Read, Seek, SeekFrom, Write};
use std::{env, fs, io, process, thread, time};

type Done = io::Result<()>;

fn files() -> Done {
    let mut file = fs::OpenOptions::new().read(true).write(true).create(true).open("data/a.txt")?;
    file.write_all(b"hello ")?;
    file.write_all(b"world")?;
    file.seek(SeekFrom::Start(6))?;
    let mut rest = String::new();
    file.read_to_string(&mut rest)?;
    println!("{} {}", rest, file.metadata()?.len());
    file.set_len(5)?;
    fs::OpenOptions::new().append(true).open("data/a.txt")?.write_all(b"!")?;
    println!("{}", fs::read_to_string("data/a.txt")?);
    println!("{:?}", fs::File::open("data/none").map_err(|why| why.kind()).err());
    Ok(())
}

fn folders() -> Done {
    fs::create_dir_all("data/x/y")?;
    for name in ["b", "a", "c"] {
        fs::write(format!("data/x/{}", name), name)?;
    }
    fs::rename("data/x/c", "data/x/d")?;
    fs::remove_file("data/x/b")?;
    let mut names: Vec<_> = fs::read_dir("data/x")?
        .map(|entry| entry.map(|it| format!("{}{}", it.file_name().to_string_lossy(), if it.path().is_dir() { "/" } else { "" })))
        .collect::<Result<_, _>>()?;
    names.sort();
    println!("{}", names.join(" "));
    fs::remove_dir("data/x/y")?;
    println!("{}", fs::remove_dir("data/x").is_err());
    fs::remove_dir_all("data/x")?;
    println!("{}", fs::metadata("data/x").is_err());
    Ok(())
}

fn clocks() -> Done {
    let (real, begun) = (time::SystemTime::now(), time::Instant::now());
    thread::sleep(time::Duration::from_millis(1500));
    let since = real.duration_since(time::UNIX_EPOCH).unwrap().as_secs();
    println!("{} {}", since, begun.elapsed().as_millis() / 100);
    Ok(())
}

fn random() -> Done {
    // The keys of a map are drawn from the system.
    use std::hash::{BuildHasher, Hasher};
    let state = std::collections::hash_map::RandomState::new();
    println!("{:016x}", state.build_hasher().finish());
    Ok(())
}

fn surroundings() -> Done {
    println!("{:?}", env::args().skip(1).collect::<Vec<_>>());
    println!("{:?}", env::vars().collect::<Vec<_>>());
    Ok(())
}

fn input() -> Done {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text)?;
    eprintln!("{} bytes", text.len());
    io::stdout().write_all(text.to_uppercase().as_bytes())
}

fn main() {
    let done = match env::args().nth(1).as_deref() {
        Some("files") => files(),
        Some("folders") => folders(),
        Some("clocks") => clocks(),
        Some("random") => random(),
        Some("surroundings") => surroundings(),
        Some("input") => input(),
        Some("panic") => panic!("on purpose"),
        _ => process::exit(33),
    };
    if let Err(why) = done {
        eprintln!("{}", why);
        process::exit(1);
    }
}
