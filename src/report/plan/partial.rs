//! What a plan of a part says, so that it is not taken for a plan of the whole.

use crate::manifest::Key;
use crate::plan::Narrowed;

/// `Partial plan: 76 of 80 objects left out, 75 by --target and 1 by --exclude.`; of one flag, without its count.
#[must_use]
pub(in crate::report) fn partial_line(what: &str, narrowed: &Narrowed) -> String {
    let flags = narrowed.left_out.iter();
    let flags: Vec<String> = match narrowed.left_out.len() {
        1 => flags.map(|it| format!(" by {}", it.flag)).collect(),
        _ => flags
            .map(|it| format!(" {} by {}", it.objects, it.flag))
            .collect(),
    };
    let flags = match flags.as_slice() {
        [rest @ .., last] if !rest.is_empty() => format!(",{} and{last}", rest.join(",")),
        flags => flags.concat(),
    };
    let left_out = narrowed.objects - narrowed.selected;
    format!(
        "Partial {what}: {left_out} of {} objects left out{flags}.",
        narrowed.objects
    )
}

/// What each flag leaves out, by name: `--target: Goal/a, Goal/b and 74 more`.
#[must_use]
pub(in crate::report) fn left_out_lines(narrowed: &Narrowed) -> Vec<String> {
    let flags = narrowed.left_out.iter().filter(|it| !it.named.is_empty());
    flags
        .map(|it| {
            let names: Vec<String> = it.named.iter().map(Key::to_string).collect();
            let more = match it.objects.saturating_sub(names.len()) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!("{}: {}{more}", it.flag, names.join(", "))
        })
        .collect()
}
