//! Nulls in whose place the account holds a value: every apply would warn of them, and every plan would show them again.

use super::codes::NULL_IS_FILLED;
use crate::diag::{Diagnostic, Diags, Texts};
use crate::kinds::filled_by_account;
use crate::resolve::Resource;

/// Complains about the nulls that the account fills.
pub(super) fn check(texts: &Texts, resource: &Resource, diags: &mut Diags) {
    for (pointer, value) in filled_by_account(resource.key.kind.def(), &resource.spec) {
        let path = pointer.path();
        let message = format!(
            "the account never leaves `{path}` empty: it holds {value} instead of this null"
        );
        let at = resource.locate(texts, &pointer);
        diags.push(Diagnostic::new(&NULL_IS_FILLED, at, message).help(format!(
            "remove the line, or write `{path}: {}`",
            plain(&value)
        )));
    }
}

fn plain(value: &serde_json::Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string())
}
