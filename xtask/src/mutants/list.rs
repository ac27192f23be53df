//! What `cargo-mutants` can think of.

use std::ops::Range;

use serde_json::Value;

use crate::cargo::text;

/// One small break of the code.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Mutant {
    /// As `cargo-mutants` calls it: the place, and what is done there.
    pub(crate) name: String,
    /// The file, from the root of the workspace.
    pub(crate) file: String,
    /// What is replaced, and by what.
    pub(crate) place: Span,
    pub(crate) replacement: String,
    /// The function around it, with its attributes.
    pub(crate) function: Option<Function>,
}

/// Where a function stands, and the last part of its name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) place: Span,
}

/// From a line and column to a line and column, the end left out; both are counted from one, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Span {
    pub(crate) from: (usize, usize),
    pub(crate) to: (usize, usize),
}

impl Mutant {
    /// Reads the answer to `cargo mutants --list --json`.
    pub(crate) fn all(printed: &[u8]) -> Result<Vec<Self>, String> {
        let list: Value =
            serde_json::from_slice(printed).map_err(|error| format!("cargo mutants: {error}"))?;
        let list = list.as_array().ok_or("cargo mutants: no list")?;
        list.iter()
            .map(|mutant| {
                Self::read(mutant).ok_or_else(|| format!("cargo mutants: a field is missing in {mutant}"))
            })
            .collect()
    }

    fn read(mutant: &Value) -> Option<Self> {
        let function = mutant.get("function").filter(|function| !function.is_null());
        Some(Self {
            name: text(mutant, "name")?.to_owned(),
            file: text(mutant, "file")?.to_owned(),
            place: Span::read(mutant)?,
            replacement: text(mutant, "replacement")?.to_owned(),
            function: match function {
                Some(function) => Some(Function::read(function)?),
                None => None,
            },
        })
    }
}

impl Function {
    fn read(function: &Value) -> Option<Self> {
        let path = text(function, "function_name")?;
        Some(Self {
            name: path.rsplit("::").next()?.to_owned(),
            place: Span::read(function)?,
        })
    }
}

impl Span {
    fn read(owner: &Value) -> Option<Self> {
        let span = owner.get("span")?;
        let point = |end: &str| {
            let end = span.get(end)?;
            let number = |field: &str| usize::try_from(end.get(field)?.as_u64()?).ok();
            Some((number("line")?, number("column")?))
        };
        Some(Self {
            from: point("start")?,
            to: point("end")?,
        })
    }

    /// The same in bytes of this source.
    pub(crate) fn bytes(self, source: &str) -> Option<Range<usize>> {
        Some(offset(source, self.from)?..offset(source, self.to)?)
    }
}

fn offset(source: &str, (line, column): (usize, usize)) -> Option<usize> {
    let before: usize = source
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let (within, _) = source
        .get(before..)?
        .char_indices()
        .chain([(source.len().checked_sub(before)?, '\n')])
        .nth(column.checked_sub(1)?)?;
    before.checked_add(within)
}
