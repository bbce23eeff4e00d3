//! Every diagnostic code of the program, in one list.

use crate::diag::Code;
use crate::kinds::ALL;

/// All codes, by name.
#[must_use]
pub(super) fn all() -> Vec<&'static Code> {
    let passes = [
        crate::diag::yaml::CODES,
        crate::load::CODES,
        crate::manifest::codes::CODES,
        crate::resolve::codes::CODES,
        crate::check::codes::CODES,
        crate::diff::codes::CODES,
        crate::project::codes::CODES,
    ];
    let kinds = ALL.iter().map(|def| def.codes);
    let mut codes: Vec<_> = passes.into_iter().chain(kinds).flatten().copied().collect();
    codes.sort_by_key(|code| code.name);
    codes
}
