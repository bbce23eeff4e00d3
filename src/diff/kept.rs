//! Values that a manifest keeps as the account has them: what is to be created has nothing to keep.

use super::codes::NOTHING_TO_KEEP;
use super::specs::live_spec;
use super::{Action, Bindings, Change, DiffInput};
use crate::diag::{Diagnostic, Diags};
use crate::kinds::mapping::{keeps, with_kept};

/// Complains about every object that would be written without a value which its manifest keeps.
pub(super) fn check(
    input: &DiffInput<'_>,
    bindings: &Bindings<'_>,
    changes: &[Change],
    diags: &mut Diags,
) {
    let is_written = |change: &&Change| {
        use Action::{Adopt, Create, Replace, Update};
        matches!(change.action, Adopt | Create | Replace | Update)
    };
    for change in changes.iter().filter(is_written) {
        let Some(resource) = input.desired.get(&change.key()) else {
            continue;
        };
        if !keeps(&resource.spec) {
            continue;
        }
        let def = change.kind.def();
        let bound = bindings.bound.get(&resource.key);
        let held = bound.map(|bound| live_spec(def, &bindings.references, bound.object));
        let (_, missing) = with_kept(def.fields, &resource.spec, held.as_ref());
        for one in missing {
            let message = format!(
                "`{}` keeps the {} of another account, and there is none here",
                one.pointer.path(),
                one.what
            );
            let at = resource.locate(input.texts, &one.pointer);
            diags.push(Diagnostic::new(&NOTHING_TO_KEEP, at, message).help(
                "set it in the overlay of this environment or with a variable; if there is no such value here, remove the `$keep` and check what the object means without it",
            ));
        }
    }
}
