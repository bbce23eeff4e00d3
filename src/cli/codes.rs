//! Every diagnostic code of the program, in one list.

use crate::diag::{Code, Severity};
use crate::kinds::ALL;
use crate::project::Catalog;
use crate::resolve::codes::UNUSED_VARIABLE;

/// The codes of the passes, which later passes rest on.
const PASSES: [&[&Code]; 7] = [
    crate::diag::yaml::CODES,
    crate::load::CODES,
    crate::manifest::codes::CODES,
    crate::resolve::codes::CODES,
    crate::check::codes::CODES,
    crate::diff::codes::CODES,
    crate::project::codes::CODES,
];

/// All codes, by name.
#[must_use]
pub(super) fn all() -> Vec<&'static Code> {
    let kinds = ALL.iter().map(|def| def.codes);
    let mut codes: Vec<_> = PASSES.into_iter().chain(kinds).flatten().copied().collect();
    codes.sort_by_key(|code| code.name);
    codes
}

/// All codes, and which of them a project cannot lower: the errors of the passes. The rules of the kinds, and
/// every warning, are the project's own business.
#[must_use]
pub(super) fn catalog() -> Catalog {
    let fixed = PASSES
        .into_iter()
        .flatten()
        .filter(|code| code.severity == Severity::Error && code.name != UNUSED_VARIABLE.name)
        .map(|code| code.name);
    Catalog {
        codes: all(),
        fixed: fixed.collect(),
    }
}
