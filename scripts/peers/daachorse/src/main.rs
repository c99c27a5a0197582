//! Matching by daachorse: `match-texts ENTRIES`, with the files, commands and answers of `test/python/match-texts.py`.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufRead, BufWriter, Write};
use std::time::Instant;

use daachorse::CharwiseDoubleArrayAhoCorasick;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn read(path: &str) -> Outcome<Vec<String>> {
    let content = String::from_utf8(fs::read(path)?)?;
    Ok(content.split_terminator('\0').map(str::to_owned).collect())
}

/// White space as Python's `str.isspace` says.
fn is_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// A text as entries are looked for in it, by the rule of the published code, in place of what `spaced` held.
fn space(text: &str, spaced: &mut String) {
    let text = text.trim_matches(is_space);
    spaced.clear();
    spaced.push(' ');
    let mut copied = 0;
    for (at, byte) in text.bytes().enumerate() {
        let written = match byte {
            b',' => " , ",
            b'.' => " . ",
            b';' => " ; ",
            b':' => " : ",
            b'?' => " ? ",
            b'!' => " ! ",
            b'`' => " ` ",
            b'\t' | b'\n' | b'\r' => " ",
            _ => continue,
        };
        spaced.push_str(&text[copied..at]);
        spaced.push_str(written);
        copied = at + 1;
    }
    spaced.push_str(&text[copied..]);
    spaced.push(' ');
}

struct Matcher {
    automaton: CharwiseDoubleArrayAhoCorasick<u32>,
    /// For each id the number of the last text that it was found in.
    seen: Vec<u32>,
    text: u32,
    spaced: String,
    ids: Vec<u32>,
}

impl Matcher {
    fn new(entries: Vec<String>) -> Outcome<Matcher> {
        let seen = vec![0; entries.len()];
        // Of two equal entries the later one's id counts.
        let ids: BTreeMap<String, u32> = entries
            .into_iter()
            .zip(0..)
            .filter(|(entry, _)| !entry.is_empty())
            .collect();
        let automaton =
            CharwiseDoubleArrayAhoCorasick::with_values(ids).map_err(|error| error.to_string())?;
        Ok(Matcher {
            automaton,
            seen,
            text: 0,
            spaced: String::new(),
            ids: Vec::new(),
        })
    }

    /// The ids of a text, each once, in the order in which they are found.
    fn find(&mut self, text: &str) -> &mut [u32] {
        space(text, &mut self.spaced);
        self.ids.clear();
        self.text += 1;
        for found in self.automaton.find_overlapping_iter(&self.spaced) {
            let id = found.value();
            let seen = &mut self.seen[id as usize];
            if *seen != self.text {
                *seen = self.text;
                self.ids.push(id);
            }
        }
        &mut self.ids
    }
}

fn main() -> Outcome<()> {
    let entries = read(&std::env::args().nth(1).ok_or("give a file of entries")?)?;
    let start = Instant::now();
    let mut matcher = Matcher::new(entries)?;
    let bytes = matcher.automaton.heap_bytes() + 4 * matcher.seen.len();
    println!(
        "{{\"seconds\": {}, \"bytes\": {bytes}}}",
        start.elapsed().as_secs_f64()
    );

    let mut texts = Vec::new();
    for line in io::stdin().lock().lines() {
        let line = line?;
        match line.split_once('\t') {
            Some(("load", path)) => {
                texts = read(path)?;
                println!("{{\"texts\": {}}}", texts.len());
            }
            Some(("write", path)) => {
                let mut file = BufWriter::new(File::create(path)?);
                for text in &texts {
                    let ids = matcher.find(text);
                    ids.sort_unstable();
                    file.write_all(&(ids.len() as u32).to_le_bytes())?;
                    for id in ids {
                        file.write_all(&id.to_le_bytes())?;
                    }
                }
                file.flush()?;
                println!("{{}}");
            }
            _ => {
                let start = Instant::now();
                let mut matches = 0;
                for text in &texts {
                    matches += matcher.find(text).len();
                }
                println!(
                    "{{\"seconds\": {}, \"matches\": {matches}}}",
                    start.elapsed().as_secs_f64()
                );
            }
        }
    }
    Ok(())
}
