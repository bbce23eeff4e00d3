//! A plan as Markdown for a pull request: deletes first, equal changes together, within a size budget.
//!
//! Comments of the platforms end at 65,536 characters. What does not fit is left out from the least
//! important end: first the fields of creates, then all fields, then creates and updates beyond a number.
//! Deletes and replacements are always listed.

use std::fmt::Write as _;

use super::cause::remarks;
use super::impact::render_impact_markdown;
use super::plan::fold::{self, Block, blocks, names};
use super::plan::{
    flow, left_alone_lines, left_out_lines, named_field, pair, partial_line, refused_objects,
    summary_line, turn_reason, turn_word, unwritten_effects,
};
use super::reach::{self, counted};
use crate::manifest::Key;
use crate::plan::{Action, Change, Effect, FieldChange, Overrides, Plan, Refusal, Summary};
use crate::text::safe::{code, comment, prose, summary_code};

/// The size that a comment may have, in characters, with room for what others put around it.
pub const BUDGET: usize = 60_000;

/// The plan as Markdown of at most `budget` characters. Only a list of deletes that does not fit on its
/// own makes it longer.
#[must_use]
pub fn render_markdown(plan: &Plan, overrides: Overrides, budget: usize) -> String {
    within(plan, overrides, false, budget)
}

/// The same with every object of its own, as far as the budget reaches.
#[must_use]
pub fn render_markdown_in_full(plan: &Plan, overrides: Overrides, budget: usize) -> String {
    within(plan, overrides, true, budget)
}

fn within(plan: &Plan, overrides: Overrides, full: bool, budget: usize) -> String {
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
        .map(|detail| render(plan, overrides, full, detail));
    let mut last = String::new();
    for text in rendered.by_ref() {
        if text.chars().count() <= budget {
            return text;
        }
        last = text;
    }
    last
}

/// How many warnings that are alike are shown.
const WARNED: usize = 3;

/// How much is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// The fields of every object.
    All,
    /// The fields of updates.
    Updates,
    /// No fields, and of creates, updates and adoptions so many entries each.
    Names(usize),
    /// The names of what is deleted or replaced, one behind the other.
    Bare,
}

/// What the plan is not about, and what it leaves alone.
fn what_is_left_out(plan: &Plan, detail: Detail, out: &mut String) {
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
}

fn render(plan: &Plan, overrides: Overrides, full: bool, detail: Detail) -> String {
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
    what_is_left_out(plan, detail, &mut out);
    for refusal in &plan.refusals {
        render_refusal(refusal, overrides, &mut out);
    }
    warned(plan, detail, &mut out);
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
    let mut folds = false;
    for (action, title) in sections {
        let changes = plan.changes.iter();
        let changes: Vec<&Change> = changes.filter(|it| it.action == action).collect();
        // Every delete has its own entry: people look for the one that they did not mean.
        let is_whole = full || changes.first().is_some_and(|it| is_destructive(it));
        let blocks = blocks(plan, changes, is_whole);
        folds |= blocks.iter().any(|block| block.0.len() > 1);
        if !blocks.is_empty() {
            section(plan, title, &blocks, detail, &mut out);
        }
    }
    unwritten(plan, detail, &mut out);
    templates(plan, detail, &mut out);
    if folds && detail != Detail::Bare {
        let _ = writeln!(out, "\n{}", fold::HINT);
    }
    out
}

/// What was warned of when the plan was made: of those that are alike the first ones, or in the barest form their number. What
/// is not settled is always told.
fn warned(plan: &Plan, detail: Detail, out: &mut String) {
    for why in &plan.unsettled {
        let _ = writeln!(out, "\n> [!NOTE]\n> **Not settled**: {}", prose(why));
    }
    if detail == Detail::Bare && !plan.warnings.is_empty() {
        let count = plan.warnings.len();
        let s = if count == 1 { "" } else { "s" };
        let _ = writeln!(out, "\n{count} warning{s}");
        return;
    }
    for alike in plan.warnings_alike() {
        let (shown, more) = alike.split_at(alike.len().min(WARNED));
        let Some(first) = shown.first() else { continue };
        let _ = write!(out, "\n> [!NOTE]\n> **{}**:", prose(&first.code));
        for warning in shown {
            let at = plan.place_of(warning);
            let at = at.map_or_else(String::new, |at| format!(" ({})", code(&at)));
            let _ = write!(out, " {}{at}  \n>", prose(&warning.message));
        }
        if !more.is_empty() {
            let _ = write!(out, " and {} more  \n>", more.len());
        }
        let help = first.help.as_deref().map(prose).unwrap_or_default();
        let _ = writeln!(out, " {help}");
    }
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

/// What consumers lose or gain although the plan writes nothing to it. In the barest form, the guard names what they lose.
fn unwritten(plan: &Plan, detail: Detail, out: &mut String) {
    if detail == Detail::Bare {
        return;
    }
    let all = unwritten_effects(plan, |change| change.action != Action::None);
    for (title, effects) in all {
        let (first, rest) = title.split_at(1);
        let title = first.to_uppercase() + rest;
        let _ = writeln!(out, "\n#### {title} ({})\n", effects.len());
        for effect in effects {
            let _ = writeln!(out, "- `{}`{}", effect.key, turned(effect, 1).0);
        }
    }
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

fn section(plan: &Plan, title: &str, blocks: &[Block<'_>], detail: Detail, out: &mut String) {
    let is_destructive = is_destructive(blocks[0].0[0]);
    if detail == Detail::Bare && !is_destructive {
        return; // the first line has the counts, and a heading alone says no more
    }
    let _ = writeln!(out, "\n#### {title} ({})\n", count(blocks));
    if detail == Detail::Bare {
        return bare(blocks, out);
    }
    let limit = match detail {
        Detail::Names(limit) if !is_destructive => limit,
        _ => usize::MAX,
    };
    for Block(changes) in blocks.iter().take(limit) {
        entry(plan, changes, detail, out);
    }
    let left_out = blocks.get(limit..).map_or(0, count);
    if left_out > 0 {
        let _ = writeln!(out, "- … and {left_out} more, left out to keep this short");
    }
}

/// How many changes there are in some blocks.
fn count(blocks: &[Block<'_>]) -> usize {
    blocks.iter().map(|block| block.0.len()).sum()
}

/// The names of a section alone, by kind.
fn bare(blocks: &[Block<'_>], out: &mut String) {
    let changes: Vec<&Change> = blocks.iter().flat_map(|it| it.0.iter().copied()).collect();
    for of_kind in changes.chunk_by(|a, b| a.kind == b.kind) {
        let names: Vec<&str> = of_kind.iter().map(|it| it.name.as_str()).collect();
        let _ = writeln!(out, "`{}`: {}  ", of_kind[0].kind, names.join(", "));
    }
}

fn is_destructive(change: &Change) -> bool {
    matches!(change.action, Action::Delete | Action::Replace)
}

/// A change, or several that say the same: a line, which opens where the fields are shown.
fn entry(plan: &Plan, changes: &[&Change], detail: Detail, out: &mut String) {
    let [first, more @ ..] = changes else { return };
    let is_alone = more.is_empty();
    let is_new = first.action == Action::Create;
    let shows_fields = match detail {
        Detail::All => is_alone || !is_new, // creates are together for their kind, not for their fields
        Detail::Updates => !is_new,
        Detail::Names(_) | Detail::Bare => false,
    };
    let effect = plan.effect_on(&first.key());
    let reach = reach::of(plan, &first.key()).filter(|_| detail != Detail::Names(0));
    let reach = reach.map(|reach| format!("; {}", prose(&reach::told(reach))));
    let rest = if is_alone {
        reach.unwrap_or_default()
    } else {
        format!(": {}", prose(&names(changes, effect)))
    };
    let (effect, strong) =
        effect.map_or_else(Default::default, |effect| turned(effect, changes.len()));
    if !shows_fields || first.fields.is_empty() {
        let title = title(changes, code, |key| format!("`{key}`"));
        let changed = if first.fields.is_empty() || is_new {
            String::new()
        } else {
            format!(", {}", fields(first.fields.len()))
        };
        let _ = writeln!(out, "- {title}{effect}{changed}{rest}");
        return;
    }
    let title = title(changes, summary_code, |key| format!("<code>{key}</code>"));
    let mark = if is_alone { ":" } else { "," };
    let _ = writeln!(
        out,
        "<details><summary>{title}{strong}{mark} {}{rest}</summary>\n",
        fields(first.fields.len())
    );
    out.push_str(if is_new {
        "| field | value |\n|---|---|\n"
    } else {
        "| field | before | after | cause |\n|---|---|---|---|\n"
    });
    for field in &first.fields {
        field_row(first, field, is_new, out);
    }
    out.push_str("\n</details>\n");
}

/// An object by its key and display name, or how many there are of a kind.
fn title(changes: &[&Change], code: fn(&str) -> String, key: fn(&Key) -> String) -> String {
    match changes {
        [change] if change.display_name == change.name.as_str() => key(&change.key()),
        [change] => format!("{} “{}”", key(&change.key()), code(&change.display_name)),
        _ => counted(changes[0].kind, changes.len()),
    }
}

/// What consumers gain or lose by a change, or by several that say the same, in Markdown and inside of markup.
fn turned(effect: &Effect, count: usize) -> (String, String) {
    let why = turn_reason(effect, count);
    let why = why.map_or_else(String::new, |why| format!(" ({})", prose(&why)));
    let word = turn_word(effect.turn, count);
    (format!(" **{word}**{why}"), format!(" <b>{word}</b>{why}"))
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
