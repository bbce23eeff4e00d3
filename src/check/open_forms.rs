//! `$ref` and `$keep` in open JSON: what is of no form would reach the platform as it is written.

use super::codes::OPEN_JSON_FORM;
use crate::diag::{Diagnostic, Diags, Location};
use crate::kinds::{Malformed, malformed};
use crate::resolve::Resource;
use crate::text::{EntryHalf, Pointer};

/// Complains about the forms that a manifest itself writes; a template's are complained about at the template.
pub(super) fn check(resource: &Resource, diags: &mut Diags) {
    for (pointer, what) in malformed(resource.key.kind.def().fields, resource.own()) {
        let (message, help) = match what {
            Malformed::Reference => (
                "`$ref` does not name an object of a kind",
                "write `{ $ref: <name>, kind: <Skill, LineOfBusiness, AppInstallation, Connector or Zone> }`, with `as: text` where the platform has the id as a text, and no other key",
            ),
            Malformed::Place => (
                "`extra` takes no `$ref`",
                "set the id in the overlays of the environments, or by a variable",
            ),
            Malformed::Misspelt => (
                "a key here is nearly `$ref` or `$keep`, and would be sent as it is",
                "write it in small letters, with a blank behind the colon: `{ $ref: <name> }`",
            ),
            Malformed::Nothing => (
                "there is nothing to keep here",
                "name the object that you mean",
            ),
            Malformed::Keep => (
                "`$keep` does not say what it keeps",
                "write `{ $keep: <what it is> }`, such as `{ $keep: survey }`, with no other key",
            ),
        };
        let at = Location::Node {
            doc: resource.doc,
            pointer: Pointer::from("/spec").join(&pointer),
            part: EntryHalf::Value,
        };
        diags.push(Diagnostic::new(&OPEN_JSON_FORM, at, message).help(help));
    }
}
