//! The rules of `EngagementWindow`.

use crate::diag::{Code, Severity};
use crate::kinds::Findings;

use super::EngagementWindow;

/// Every code that this kind raises.
pub(super) const CODES: &[&Code] = &[&STYLE_ID];

const STYLE_ID: Code = Code {
    name: "window-style-id",
    severity: Severity::Error,
    title: "the style of a window declares an id",
    why: "The platform repeats the id of a window inside its look and feel, and assigns it. A declared one \
          would never match, and ids differ between accounts.",
    wrong: "spec:\n  style: { id: 41, scheme: modern }\n",
    right: "spec:\n  style: { scheme: modern }\n",
};

/// All rules.
pub(super) fn check(spec: &EngagementWindow, out: &mut Findings) {
    style_id(spec, out);
}

fn style_id(spec: &EngagementWindow, out: &mut Findings) {
    if spec
        .style
        .as_ref()
        .is_some_and(|style| style.get("id").is_some())
    {
        out.push(
            &STYLE_ID,
            "/style/id",
            "the platform assigns the `id` of a style",
            "remove it",
        );
    }
}
