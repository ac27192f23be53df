//! Many mutants in one source: a function that is to be broken becomes a choice between its bodies, and the environment of
//! the running program chooses. Built once, they are tried in the time that the tests take.

use std::{collections::HashSet, ops::Range};

use super::list::{Function, Mutant};

/// Names the mutant that lives. Without it, or with a number that nobody has, the code is whole.
pub(crate) const ALIVE: &str = "DCEP_MUTANT";

/// A mutant in the woven program.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'a> {
    pub(crate) number: usize,
    pub(crate) mutant: &'a Mutant,
}

/// A source with mutants in it.
pub(crate) struct Woven {
    pub(crate) text: String,
    /// The lines that each of them came to stand on.
    pub(crate) lines: Vec<(usize, Range<usize>)>,
    /// Those that no choice at run time can make: outside of a function, in a function that must stay `const`, or in one whose
    /// bodies would be of different types.
    pub(crate) left: Vec<usize>,
}

/// Code for the end of a crate's root: which mutant lives.
pub(crate) fn chooser() -> String {
    format!(
        "
pub mod mutants {{
    use std::sync::LazyLock;
    static ALIVE: LazyLock<usize> = LazyLock::new(|| {{
        std::env::var({ALIVE:?}).ok().and_then(|number| number.parse().ok()).unwrap_or(0)
    }});
    pub fn alive() -> usize {{
        *ALIVE
    }}
}}
"
    )
}

/// Weaves these mutants of one file into its source. Functions in `constant` stay `const`, and their mutants are left.
pub(crate) fn weave(source: &str, mutants: &[Numbered], constant: &HashSet<String>) -> Option<Woven> {
    let mut woven = Woven {
        text: String::new(),
        lines: Vec::new(),
        left: Vec::new(),
    };
    let mut functions: Vec<(&Function, Vec<Numbered>)> = Vec::new();
    for numbered in mutants {
        match (&numbered.mutant.function, functions.last_mut()) {
            (None, _) => woven.left.push(numbered.number),
            (Some(function), Some((last, its))) if *last == function => its.push(*numbered),
            (Some(function), _) => functions.push((function, vec![*numbered])),
        }
    }
    functions.sort_by_key(|(function, _)| function.place);
    let mut done = 0;
    for (function, its) in functions {
        let place = function.place.bytes(source)?;
        let parts = Parts::of(source, place.clone(), &function.name)?;
        let head = source.get(parts.head.clone())?;
        let one_type = head
            .rsplit("->")
            .next()
            .is_none_or(|returned| !returned.contains("impl "));
        // A function inside another one was passed already.
        if place.start < done || !one_type || (parts.is_const && constant.contains(&function.name)) {
            woven.left.extend(its.iter().map(|numbered| numbered.number));
            continue;
        }
        woven.text.push_str(source.get(done..parts.head.end)?);
        woven.text.push_str("{ match crate::mutants::alive() {\n");
        for numbered in its {
            let broken = numbered.mutant.within(source, parts.body.clone())?;
            let first = line(&woven.text);
            woven
                .text
                .push_str(&format!("{} => {{\n{broken}\n}}\n", numbered.number));
            woven.lines.push((numbered.number, first..line(&woven.text)));
        }
        woven.text.push_str("_ => {");
        woven.text.push_str(source.get(parts.body.clone())?);
        woven.text.push_str("} } }");
        done = place.end;
    }
    woven.text.push_str(source.get(done..)?);
    woven.text = freed(&woven.text, constant);
    Some(woven)
}

/// The same without `const` before functions, except before those that must keep it: a choice at run time is none at compile time,
/// and neither is what calls it.
fn freed(text: &str, constant: &HashSet<String>) -> String {
    let mut parts = text.split("const fn ");
    let mut freed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let name = part.split(|c: char| !c.is_alphanumeric() && c != '_').next();
        let keeps = name.is_some_and(|name| constant.contains(name));
        freed.push_str(if keeps { "const fn " } else { "fn " });
        freed.push_str(part);
    }
    freed
}

/// The line on which the next character will stand.
fn line(text: &str) -> usize {
    text.matches('\n').count() + 1
}

impl Mutant {
    /// This part of the source with the mutant in it.
    pub(crate) fn within(&self, source: &str, part: Range<usize>) -> Option<String> {
        let place = self.place.bytes(source)?;
        let (before, after) = (
            source.get(part.start..place.start)?,
            source.get(place.end..part.end)?,
        );
        // Without blanks an operator could grow together with its neighbour.
        Some(format!("{before} {} {after}", self.replacement))
    }
}

/// A function, taken apart.
struct Parts {
    /// From its visibility to the brace, which is left out.
    head: Range<usize>,
    /// Between the braces.
    body: Range<usize>,
    is_const: bool,
}

impl Parts {
    fn of(source: &str, place: Range<usize>, name: &str) -> Option<Self> {
        let text = source.get(place.clone())?;
        let named = format!("fn {name}");
        // In a line of documentation it may be named, too.
        let at = text.match_indices(&named).map(|(at, _)| at).find(|at| {
            let line = text
                .get(..*at)
                .map(|before| before.rsplit('\n').next().unwrap_or(before));
            line.is_some_and(|line| !line.contains("//"))
        })?;
        let begin = text.get(..at)?.rfind('\n').map_or(0, |newline| newline + 1);
        let mut depth = 0_i32;
        let open = text.get(at..)?.char_indices().find_map(|(index, character)| {
            match character {
                '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '{' if depth == 0 => return Some(at + index),
                _ => {}
            }
            None
        })?;
        let head = text.get(begin..open)?;
        Some(Self {
            head: place.start + begin..place.start + open,
            body: place.start + open + 1..place.end.checked_sub(1)?,
            is_const: head.contains("const fn"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{super::list::Span, *};

    const SOURCE: &str = "\
use std::iter;

/// Not a `fn more`, {or so}.
#[must_use]
pub(crate) const fn more(a: [u8; 2], b: u8) -> bool {
    b > 1
}

fn all() -> impl Iterator<Item = u8> {
    iter::once(1 + 2)
}
";

    fn mutant(function: Option<(&str, Span)>, place: Span, replacement: &str) -> Mutant {
        Mutant {
            name: replacement.to_owned(),
            file: "a.rs".to_owned(),
            place,
            replacement: replacement.to_owned(),
            function: function.map(|(name, place)| Function {
                name: name.to_owned(),
                place,
            }),
        }
    }

    fn span(from: (usize, usize), to: (usize, usize)) -> Span {
        Span { from, to }
    }

    fn mutants() -> [Mutant; 4] {
        let more = Some(("more", span((3, 1), (7, 2))));
        let all = Some(("all", span((9, 1), (11, 2))));
        [
            mutant(None, span((1, 5), (1, 8)), "core"),
            mutant(more, span((6, 5), (6, 10)), "true"),
            mutant(more, span((6, 7), (6, 8)), "<"),
            mutant(all, span((10, 18), (10, 19)), "-"),
        ]
    }

    fn woven(constant: &[&str]) -> Woven {
        let mutants = mutants();
        let numbered: Vec<Numbered> = (1..)
            .zip(&mutants)
            .map(|(number, mutant)| Numbered { number, mutant })
            .collect();
        let constant = constant.iter().copied().map(str::to_owned).collect();
        weave(SOURCE, &numbered, &constant).unwrap()
    }

    #[test]
    fn a_function_becomes_a_choice_between_its_bodies() {
        let woven = woven(&[]);
        assert_eq!(woven.left, [1, 4], "outside of functions, and of another type");
        let (before, rest) = woven.text.split_once("pub(crate) fn more(").unwrap();
        assert!(before.ends_with("#[must_use]\n"));
        let (choice, _) = rest.split_once("fn all").unwrap();
        assert_eq!(
            choice.split_whitespace().collect::<Vec<_>>().join(" "),
            "a: [u8; 2], b: u8) -> bool { match crate::mutants::alive() { 2 => { true } 3 => { b < 1 } \
             _ => { b > 1 } } }"
        );
        for (number, lines) in woven.lines {
            let arm: Vec<&str> = woven.text.lines().collect();
            let arm = arm.get(lines.start - 1..lines.end - 1).unwrap();
            assert!(arm.first().unwrap().contains(&format!("{number} =>")), "{arm:?}");
            assert_eq!(arm.last(), Some(&"}"), "{arm:?}");
        }
    }

    #[test]
    fn what_must_stay_constant_is_left() {
        let woven = woven(&["more"]);
        assert_eq!(woven.left, [1, 2, 3, 4]);
        assert_eq!(woven.text, SOURCE);
    }

    #[test]
    fn one_mutant_by_itself_is_one_replacement() {
        let [core, ..] = mutants();
        let broken = core.within(SOURCE, 0..SOURCE.len()).unwrap();
        assert!(broken.starts_with("use  core ::iter;"));
    }
}
