//! Every diagnostic code of the program, in one list.

use crate::diag::{Code, Severity};
use crate::kinds::ALL;
use crate::project::Catalog;
use crate::resolve::codes::UNUSED_VARIABLE;

/// The codes of the passes, which later passes rest on, with what the passes are about.
const PASSES: [(&str, &[&Code]); 9] = [
    ("YAML", crate::diag::yaml::CODES),
    ("files", crate::load::CODES),
    ("documents", crate::manifest::codes::CODES),
    (
        "references, overlays and variables",
        crate::resolve::codes::CODES,
    ),
    ("structure", crate::check::codes::CODES),
    ("manifests and the account", crate::diff::codes::CODES),
    ("the project file", crate::project::codes::CODES),
    ("tests of behavior", crate::offers::codes::CODES),
    ("recipients of launches", crate::launch::codes::CODES),
];

/// The codes of what is compared with the project file.
const COMPARED: [(&str, &[&Code]); 1] = [("launches and the project file", crate::diagnose::CODES)];

/// All codes, in groups with a name.
pub fn groups() -> Vec<(&'static str, Vec<&'static Code>)> {
    let kinds = ALL.iter().map(|def| (def.name, def.codes));
    let groups = PASSES.into_iter().chain(COMPARED).chain(kinds);
    groups
        .filter(|(_, codes)| !codes.is_empty())
        .map(|(name, codes)| (name, codes.to_vec()))
        .collect()
}

/// All codes, by name.
#[must_use]
pub fn all() -> Vec<&'static Code> {
    let mut codes: Vec<_> = groups().into_iter().flat_map(|(_, codes)| codes).collect();
    codes.sort_by_key(|code| code.name);
    codes
}

/// All codes, and which of them a project cannot lower: the errors of the passes. The rules of the kinds, and
/// every warning, are the project's own business.
#[must_use]
pub fn catalog() -> Catalog {
    let fixed = PASSES
        .into_iter()
        .flat_map(|(_, codes)| codes)
        .filter(|code| code.severity == Severity::Error && code.name != UNUSED_VARIABLE.name)
        .map(|code| code.name);
    Catalog {
        codes: all(),
        fixed: fixed.collect(),
    }
}
