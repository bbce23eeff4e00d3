//! Numbers that 64 bits cannot hold. Open JSON keeps their digits; a field of ours does not.

use serde_json::Value;

use crate::diag::yaml::YAML_NUMBER_RANGE;
use crate::diag::{Diagnostic, Location};
use crate::kinds::KindId;
use crate::kinds::mapping::is_open;
use crate::text::{Pointer, exact};

/// The places outside of open JSON of numbers that 64 bits cannot hold.
pub(super) fn long_numbers(kind: KindId, value: &Value) -> Vec<Pointer> {
    let mut long = exact::places(value);
    long.retain(|at| {
        let place = at.as_str().strip_prefix("/spec").map(Pointer::new);
        !place.is_some_and(|place| is_open(kind.def().fields, &place))
    });
    long
}

/// The complaint about one of them.
pub(super) fn too_long(value: &Value, at: &Pointer, place: Location) -> Diagnostic {
    let digits = at.get(value).and_then(exact::digits).unwrap_or_default();
    let message = format!("the number `{digits}` does not fit in 64 bits");
    Diagnostic::new(&YAML_NUMBER_RANGE, place, message)
        .help(format!("quote it if you mean text: \"{digits}\""))
}
