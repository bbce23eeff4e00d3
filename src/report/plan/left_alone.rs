//! The owned objects that a plan leaves alone because it read no manifest of them.

use crate::plan::{Absence, LeftAlone};

/// How many objects are named.
const NAMED: usize = 10;

/// How many objects are left alone, and the first of them with the reason; `path` is how a file is shown. Nothing when
/// there is none.
#[must_use]
pub(in crate::report) fn left_alone_lines(
    left_alone: &[LeftAlone],
    path: impl Fn(&str) -> String,
) -> Vec<String> {
    let count = left_alone.len();
    let title = match count {
        0 => return Vec::new(),
        1 => "Not changed: 1 owned object has no manifest in this run.".to_owned(),
        _ => format!("Not changed: {count} owned objects have no manifest in this run."),
    };
    let named = left_alone.iter().take(NAMED);
    let named = named.map(|it| format!("  {}: {}", it.key, reason(it.why, &path(&it.file))));
    let mut lines: Vec<String> = std::iter::once(title).chain(named).collect();
    if count > NAMED {
        lines.push(format!("  and {} more", count - NAMED));
    }
    lines
}

fn reason(why: Absence, file: &str) -> String {
    match why {
        Absence::Gone => format!("its manifest is gone from {file}, and `prune` is `none`"),
        Absence::OutsidePaths => format!("{file} is outside of the paths of this run"),
        Absence::BehindLink => format!("the link to {file} leads to nothing"),
        Absence::NotCheckedOut => {
            format!(
                "git has not checked out {file}: it is in a submodule, or a sparse checkout leaves it out"
            )
        }
        Absence::NotSearched => format!(
            "{file} is missing, and the project has too many files to find out whether its manifest was moved"
        ),
        Absence::Emptied => format!(
            "{file} is there and holds no manifest; to delete what it held, delete the file"
        ),
        Absence::EmptiedElsewhere => format!(
            "{file} is gone, and may have been renamed to a file that is now empty; to delete what {file} held, delete the emptied file"
        ),
        Absence::Unread => format!("{file} has its manifest, and is not read"),
        Absence::Skipped => format!("{file} has a name, or is in a folder, that is skipped"),
    }
}
