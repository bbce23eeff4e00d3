//! A plan as Markdown for a pull request: deletes first, within a size budget.
//!
//! Comments of the platforms end at 65,536 characters. What does not fit is left out from the least
//! important end: first the fields of creates, then all fields, then creates and updates beyond a number.
//! Deletes and replacements are always listed.

use std::fmt::Write as _;

use super::cause::remarks;
use super::impact::render_impact_markdown;
use super::plan::{
    flow, left_alone_lines, left_out_lines, named_field, pair, partial_line, refused_objects,
    summary_line, turn_word,
};
use super::reach;
use crate::plan::{Action, Change, Effect, FieldChange, Overrides, Plan, Reach, Refusal, Summary};
use crate::text::safe::{code, comment, prose, summary_code};

/// The size that a comment may have, in characters, with room for what others put around it.
pub const BUDGET: usize = 60_000;

/// The plan as Markdown of at most `budget` characters. Only a list of deletes that does not fit on its
/// own makes it longer.
#[must_use]
pub fn render_markdown(plan: &Plan, overrides: Overrides, budget: usize) -> String {
    let details = [
        Detail::All,
        Detail::Updates,
        Detail::Names(usize::MAX),
        Detail::Names(200),
        Detail::Names(20),
        Detail::Names(0),
        Detail::Bare,
    ];
    let mut rendered = details
        .into_iter()
        .map(|detail| render(plan, overrides, detail));
    let mut last = String::new();
    for text in rendered.by_ref() {
        if text.chars().count() <= budget {
            return text;
        }
        last = text;
    }
    last
}

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// The fields of every object.
    All,
    /// The fields of updates.
    Updates,
    /// No fields, and of creates, updates and adoptions so many names each.
    Names(usize),
    /// The names of what is deleted or replaced, one behind the other.
    Bare,
}

fn render(plan: &Plan, overrides: Overrides, detail: Detail) -> String {
    let project = plan.project_shown();
    let project = project.map_or_else(String::new, |it| format!(", project {}", code(&it)));
    let mut out = format!(
        "<!-- campaignctl:plan:{} -->\n### Plan for {} (account {}{})\n\n**{}**\n",
        comment(&plan.environment),
        code(&plan.environment),
        prose(&plan.account),
        project,
        summary_line(plan)
    );
    if let Some(narrowed) = plan.partial() {
        let _ = writeln!(out, "\n{}", prose(&partial_line("plan", narrowed)));
        let names: Vec<String> = left_out_lines(narrowed)
            .iter()
            .map(|it| prose(it))
            .collect();
        if !names.is_empty() && detail != Detail::Bare {
            let _ = writeln!(out, "\n- {}", names.join("\n- "));
        }
    }
    let left_alone = left_alone_lines(&plan.left_alone, str::to_owned);
    if let [title, named @ ..] = left_alone.as_slice() {
        let _ = writeln!(out, "\n{}", prose(title));
        let named: Vec<String> = named.iter().map(|it| prose(it.trim())).collect();
        if detail != Detail::Bare {
            let _ = writeln!(out, "\n- {}", named.join("\n- "));
        }
    }
    for refusal in &plan.refusals {
        render_refusal(refusal, overrides, &mut out);
    }
    let rows = match detail {
        Detail::All | Detail::Updates | Detail::Names(usize::MAX) => usize::MAX,
        Detail::Names(most) => most,
        Detail::Bare => 0,
    };
    out.push_str(&render_impact_markdown(plan.impact.as_ref(), rows));
    let sections = [
        (Action::Delete, "Delete"),
        (Action::Replace, "Replace"),
        (Action::Update, "Update"),
        (Action::Create, "Create"),
        (Action::Manual, "Manual steps"),
        (Action::Adopt, "Adopt"),
        (Action::Forget, "Forget"),
    ];
    for (action, title) in sections {
        let changes: Vec<&Change> = plan
            .changes
            .iter()
            .filter(|change| change.action == action)
            .collect();
        if !changes.is_empty() {
            section(plan, title, &changes, detail, &mut out);
        }
    }
    templates(plan, detail, &mut out);
    out
}

fn render_refusal(refusal: &Refusal, overrides: Overrides, out: &mut String) {
    let allowed = refusal.flag.as_ref();
    let allowed = allowed.filter(|_| refusal.is_overridden(overrides));
    let (alert, then) = match allowed {
        Some(flag) => ("WARNING", format!("{} is given", code(flag))),
        None => ("CAUTION", prose(&refusal.help)),
    };
    let objects = refused_objects(refusal).map(|objects| format!("  \n> {}", prose(&objects)));
    let _ = writeln!(
        out,
        "\n> [!{alert}]\n> **{}**: {}{}  \n> {then}",
        prose(&refusal.rule),
        prose(&refusal.message),
        objects.unwrap_or_default()
    );
}

/// The templates that changed. They are few, since people write them by hand.
fn templates(plan: &Plan, detail: Detail, out: &mut String) {
    let mut reaches = reach::without_change(plan).peekable();
    if reaches.peek().is_none() || matches!(detail, Detail::Names(0) | Detail::Bare) {
        return;
    }
    out.push_str("\n#### Templates\n\n");
    for reach in reaches {
        let _ = writeln!(out, "- `{}` {}", reach.of, prose(&reach::told(reach)));
    }
}

fn section(plan: &Plan, title: &str, changes: &[&Change], detail: Detail, out: &mut String) {
    if detail == Detail::Bare && !is_destructive(changes[0]) {
        return; // the first line has the counts, and a heading alone says no more
    }
    let _ = writeln!(out, "\n#### {title} ({})\n", changes.len());
    if detail == Detail::Bare {
        return bare(changes, out);
    }
    let is_destructive = is_destructive(changes[0]);
    let limit = match detail {
        Detail::Names(limit) if !is_destructive => limit,
        _ => usize::MAX,
    };
    for change in changes.iter().take(limit) {
        let shows_fields = match detail {
            Detail::All => true,
            Detail::Updates => change.action != Action::Create,
            Detail::Names(_) | Detail::Bare => false,
        };
        let reach = reach::of(plan, &change.key()).filter(|_| detail != Detail::Names(0));
        let effect = plan.effect_on(&change.key());
        object(change, reach, effect, shows_fields, out);
    }
    let left_out = changes.len().saturating_sub(limit);
    if left_out > 0 {
        let _ = writeln!(out, "- … and {left_out} more, left out to keep this short");
    }
}

/// The names of a section alone, by kind.
fn bare(changes: &[&Change], out: &mut String) {
    for of_kind in changes.chunk_by(|a, b| a.kind == b.kind) {
        let names: Vec<&str> = of_kind.iter().map(|it| it.name.as_str()).collect();
        let _ = writeln!(out, "`{}`: {}  ", of_kind[0].kind, names.join(", "));
    }
}

fn is_destructive(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::Replace)
}

fn object(
    change: &Change,
    reach: Option<&Reach>,
    effect: Option<&Effect>,
    shows_fields: bool,
    out: &mut String,
) {
    let reach = reach.map(|reach| format!("; {}", prose(&reach::told(reach))));
    let reach = reach.unwrap_or_default();
    let (effect, strong) = effect.map_or_else(Default::default, |effect| {
        let why = effect.why.as_ref();
        let why = why.map_or_else(String::new, |why| format!(" ({})", prose(why)));
        let word = turn_word(effect.turn);
        (format!(" **{word}**{why}"), format!(" <b>{word}</b>{why}"))
    });
    let name = if change.display_name == change.name.as_str() {
        String::new()
    } else {
        change.display_name.clone()
    };
    let count = change.fields.len();
    let quoted = |code: fn(&str) -> String| match name.as_str() {
        "" => String::new(),
        name => format!(" “{}”", code(name)),
    };
    if !shows_fields || count == 0 {
        let changed = if count == 0 || change.action == Action::Create {
            String::new()
        } else {
            format!(", {}", fields(count))
        };
        let _ = writeln!(
            out,
            "- `{}`{}{effect}{changed}{reach}",
            change.key(),
            quoted(code)
        );
        return;
    }
    let _ = writeln!(
        out,
        "<details><summary><code>{}</code>{}{strong}: {}{reach}</summary>\n",
        change.key(),
        quoted(summary_code),
        fields(count)
    );
    let is_new = change.action == Action::Create;
    out.push_str(if is_new {
        "| field | value |\n|---|---|\n"
    } else {
        "| field | before | after | cause |\n|---|---|---|---|\n"
    });
    for field in &change.fields {
        field_row(change, field, is_new, out);
    }
    out.push_str("\n</details>\n");
}

/// `1 field`, `2 fields`.
fn fields(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} field{plural}")
}

fn field_row(change: &Change, field: &FieldChange, is_new: bool, out: &mut String) {
    let path = code(&named_field(change, field));
    let after = field.written(change.kind);
    let (before, after) = pair(&field.before, &after);
    let (before, after) = (code(&before), code(&after));
    let remarks = remarks(change, field, str::to_owned).into_iter();
    let means = (field.means.iter()).map(|means| format!("means: {}", flow(means)));
    let hints = (field.hints.iter()).map(|hint| format!("hint: {hint}"));
    let hints = means.chain(hints);
    let remarks: Vec<_> = (remarks.chain(hints)).map(|text| prose(&text)).collect();
    let remarks = remarks.join("<br>");
    let _ = match (is_new, remarks.as_str()) {
        (true, "") => writeln!(out, "| {path} | {after} |"),
        (true, remarks) => writeln!(out, "| {path} | {after} ({remarks}) |"),
        (false, remarks) => writeln!(out, "| {path} | {before} | {after} | {remarks} |"),
    };
}

/// The report that GitLab shows on a merge request: how many objects come, change and go.
#[must_use]
pub fn gitlab_report(plan: &Plan) -> String {
    gitlab_counts(plan.summary)
}

/// The report of these counts.
pub(super) fn gitlab_counts(summary: Summary) -> String {
    let report = serde_json::json!({
        "create": summary.create + summary.replace,
        "update": summary.update,
        "delete": summary.delete + summary.replace,
    });
    format!("{report}\n")
}
