//! A plan as people read it: deletes first, one block per object, field lines `old -> new` with the
//! cause, and one summary line that never changes form.

pub(super) mod fold;
mod left_alone;
mod partial;
mod value;

pub(super) use left_alone::left_alone_lines;
pub(super) use partial::{left_out_lines, partial_line};
pub(super) use value::{flow, line_diff, mark_hidden, named_field, pair, short};

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::cause::{is_new, remarks};
use super::impact::render_impact;
use super::reach;
use crate::manifest::Key;
use crate::plan::{
    Action, Change, ConsumerTurn, Effect, FieldChange, Overrides, Plan, Refusal, StalePlan,
    StepVerb, Summary,
};
use crate::text::safe::line;

/// The line of a plan that changes nothing.
pub const NO_CHANGES: &str = "No changes. The account matches the manifests.";

/// What is said of objects that consumers see only after the plan, or only before it, or not although it publishes them.
pub(super) fn turn_word(turn: ConsumerTurn, count: usize) -> &'static str {
    match (turn, count) {
        (ConsumerTurn::GoesLive, 1) => "GOES LIVE",
        (ConsumerTurn::GoesLive, _) => "GO LIVE",
        (ConsumerTurn::Leaves, 1) => "LEAVES",
        (ConsumerTurn::Leaves, _) => "LEAVE",
        (ConsumerTurn::StaysAway, _) => "NOT LIVE",
    }
}

/// Why consumers lose it; of several objects, why they lose each.
pub(super) fn turn_reason(effect: &Effect, count: usize) -> Option<String> {
    let why = effect.why.as_ref()?;
    Some(match count {
        1 => why.clone(),
        _ => format!("of each, {why}"),
    })
}

/// What consumers lose or gain of objects whose changes are not among those that are shown, since what is around them
/// changes: each with its heading, losses first.
pub(super) fn unwritten_effects(
    plan: &Plan,
    is_shown: fn(&Change) -> bool,
) -> Vec<(&'static str, Vec<&Effect>)> {
    let shown = plan.changes.iter().filter(|change| is_shown(change));
    let shown: BTreeSet<Key> = shown.map(Change::key).collect();
    let effects = plan.effects.iter();
    let effects = effects.filter(|it| !shown.contains(&it.key));
    let (gained, lost): (Vec<_>, Vec<_>) =
        effects.partition(|it| it.turn == ConsumerTurn::GoesLive);
    let all = [
        ("lost without a change of their own", lost),
        ("gained without a change of their own", gained),
    ];
    let mut all = Vec::from(all);
    all.retain(|(_, effects)| !effects.is_empty());
    all
}

/// Whether a plan as text has something to show of a change.
fn is_shown(change: &Change) -> bool {
    change.action != Action::None || !change.fields.is_empty()
}

/// How many objects a guard names.
const NAMED: usize = 10;

/// The plan as text, its guards as the flags of the run override them. Changes that say the same are told once.
#[must_use]
pub fn render_plan(plan: &Plan, overrides: Overrides, color: bool) -> String {
    render(plan, overrides, false, color)
}

/// The same with every object and field.
#[must_use]
pub fn render_plan_in_full(plan: &Plan, overrides: Overrides, color: bool) -> String {
    render(plan, overrides, true, color)
}

/// The changes in their blocks; returns those that are shown.
fn render_changes<'p>(
    plan: &'p Plan,
    full: bool,
    painter: &PlanPainter,
    out: &mut String,
) -> Vec<&'p Change> {
    let shown = plan.changes.iter();
    let shown: Vec<&Change> = shown.filter(|change| is_shown(change)).collect();
    let blocks = fold::blocks(plan, shown.clone(), full);
    let is_short = |field: &FieldChange| value::list_diff(&field.before, &field.after).is_some();
    let mut fields = shown.iter().flat_map(|it| &it.fields);
    let folds = blocks.len() < shown.len() || (!full && fields.any(is_short));
    for block in blocks {
        match block.0.as_slice() {
            [change] => render_change(plan, change, painter, out),
            changes => fold::render(plan, changes, painter, out),
        }
    }
    if folds {
        // Adoptions are single lines, without a blank one between them.
        if !out.ends_with("\n\n") {
            out.push('\n');
        }
        let _ = writeln!(out, "{}\n", fold::hint(painter));
    }
    shown
}

fn render(plan: &Plan, overrides: Overrides, full: bool, color: bool) -> String {
    let mut out = String::new();
    let painter = PlanPainter { color, full };
    let shown = render_changes(plan, full, &painter, &mut out);
    let unwritten = unwritten_effects(plan, is_shown).into_iter();
    for effect in unwritten.flat_map(|(_, effects)| effects) {
        let name = painter.bold(&effect.key.to_string());
        let turn = turn(effect, 1, &painter);
        let _ = writeln!(out, "    unchanged {name}\n      {turn}\n");
    }
    for reach in reach::without_change(plan) {
        let title = painter.paint(AnsiColor::Yellow, "  ~ template");
        let name = painter.bold(&reach.of.to_string());
        let _ = writeln!(
            out,
            "{title} {name}\n      {}\n",
            painter.dim(&reach::told(reach))
        );
    }
    if !plan.refusals.is_empty() && !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n'); // the last block is an adoption
    }
    out.push_str(&render_refusals(&plan.refusals, overrides, color));
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
    fold::table(&shown, &painter, &mut out);
    if let Some(narrowed) = plan.partial() {
        let _ = writeln!(out, "{}", partial_line("plan", narrowed));
        for line in left_out_lines(narrowed) {
            let _ = writeln!(out, "  {}", painter.dim(&line));
        }
    }
    for left in left_alone_lines(&plan.left_alone, |file| plan.path_of(file)) {
        let _ = writeln!(out, "{}", line(&left));
    }
    let impact = render_impact(plan.impact.as_ref());
    if !impact.is_empty() {
        let _ = writeln!(out, "{impact}");
    }
    out.push_str(&summary_line(plan));
    out.push('\n');
    out
}

/// Guards alone, as the flags of the run override them.
#[must_use]
pub fn render_refusals(refusals: &[Refusal], overrides: Overrides, color: bool) -> String {
    let (painter, mut out) = (PlanPainter { color, full: false }, String::new());
    for refusal in refusals {
        render_refusal(refusal, overrides, &painter, &mut out);
    }
    out
}

fn render_refusal(
    refusal: &Refusal,
    overrides: Overrides,
    painter: &PlanPainter,
    out: &mut String,
) {
    let allowed = refusal.flag.as_ref();
    let allowed = allowed.filter(|_| refusal.is_overridden(overrides));
    let (color, word) = match allowed {
        Some(_) => (AnsiColor::Yellow, "allowed"),
        None => (AnsiColor::Red, "blocked"),
    };
    let title = painter.paint(color, &format!("{word}[{}]", line(&refusal.rule)));
    let _ = writeln!(out, "{title}: {}", line(&refusal.message));
    if let Some(objects) = refused_objects(refusal) {
        let _ = writeln!(out, "  = {objects}");
    }
    let _ = match allowed {
        Some(flag) => writeln!(out, "  = `{}` is given\n", line(flag)),
        None => writeln!(out, "  = help: {}\n", line(&refusal.help)),
    };
}

/// The objects that a guard is about, where its message names none of them.
#[must_use]
pub(super) fn refused_objects(refusal: &Refusal) -> Option<String> {
    let [first, _, ..] = refusal.objects.as_slice() else {
        return None;
    };
    if refusal.message.contains(&first.to_string()) {
        return None;
    }
    let mut names: Vec<String> = refusal.objects.iter().map(Key::to_string).collect();
    if names.len() > NAMED {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("{more} more"));
    }
    Some(names.join(", "))
}

/// `Plan: 3 to create, ..` or `No changes. ..`. A plan that leaves anything out never says that there are none.
#[must_use]
pub fn summary_line(plan: &Plan) -> String {
    let Summary {
        create,
        update,
        replace,
        delete,
        adopt,
        manual,
        unchanged: _,
    } = plan.summary;
    if plan.is_empty() && plan.is_whole() {
        return NO_CHANGES.to_owned();
    }
    let counted = |count: usize, what: &str| match count {
        0 => String::new(),
        count => format!(", {count} {what}"),
    };
    // What the ledger alone does is told where there is some of it, also beside what is written to the account.
    let forgotten = plan.steps.iter().filter(|it| it.verb == StepVerb::Forget);
    let forget = counted(forgotten.count(), "to forget");
    let renamed = plan.changes.iter().filter(|it| it.is_renamed());
    let rename = counted(renamed.count(), "to rename in the ledger");
    format!(
        "Plan: {create} to create, {update} to update, {replace} to replace, {delete} to delete, {adopt} to adopt, {manual} manual{forget}{rename}."
    )
}

/// Why a plan may not be applied any more, a line per object.
#[must_use]
pub fn render_stale(reasons: &[StalePlan]) -> String {
    reasons
        .iter()
        .fold(String::new(), |mut out, StalePlan { key, message }| {
            let _ = match key {
                Some(key) => writeln!(out, "  {key}: {}", line(message)),
                None => writeln!(out, "  {}", line(message)),
            };
            out
        })
}

/// Colours a text, or leaves it alone.
struct PlanPainter {
    color: bool,
    /// Whether long lists are shown item by item.
    full: bool,
}

impl PlanPainter {
    fn paint(&self, color: AnsiColor, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(color.into())), text)
    }

    fn dim(&self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn bold(&self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// The mark in front of an object, its colour, and what the mark means.
fn mark(action: Action) -> (&'static str, AnsiColor, &'static str) {
    match action {
        Action::Create => ("+", AnsiColor::Green, "create"),
        Action::Update => ("~", AnsiColor::Yellow, "update"),
        Action::Replace => ("-/+", AnsiColor::Red, "replace"),
        Action::Delete => ("-", AnsiColor::Red, "delete"),
        Action::Adopt => ("→", AnsiColor::Cyan, "adopt"),
        Action::Forget => ("·", AnsiColor::Cyan, "forget"),
        Action::Manual => ("!", AnsiColor::Magenta, "manual"),
        Action::None => (" ", AnsiColor::White, "leave alone"),
    }
}

fn render_change(plan: &Plan, change: &Change, painter: &PlanPainter, out: &mut String) {
    let (sign, color, word) = mark(change.action);
    let title = painter.paint(color, &format!("{sign:>3} {word}"));
    let mut head = format!("{title} {}", painter.bold(&change.key().to_string()));
    if change.display_name != change.name.as_str() {
        let _ = write!(head, " \"{}\"", line(&change.display_name));
    }
    if let Some(id) = &change.remote_id {
        let _ = write!(head, " {}", painter.dim(&format!("({id})")));
    }
    if let Some(source) = &change.source {
        let _ = write!(
            head,
            "  {}",
            painter.dim(&format!(
                "{}:{}",
                line(&plan.path_of(&source.file)),
                source.line
            ))
        );
    }
    let _ = writeln!(out, "{head}");
    if let Some(effect) = plan.effect_on(&change.key()) {
        let _ = writeln!(out, "      {}", turn(effect, 1, painter));
    }
    if change.adopted && change.action != Action::Adopt {
        let _ = writeln!(
            out,
            "      {}",
            painter.dim("→ bound to the live object with this display name")
        );
    }
    for reason in &change.reasons {
        let _ = writeln!(out, "      {}", painter.dim(&line(reason)));
    }
    let reach = reach::of(plan, &change.key());
    if let Some(reach) = reach {
        let _ = writeln!(out, "      {}", painter.dim(&reach::told(reach)));
    }
    for field in &change.fields {
        let remarks = remarks(change, field, |file| plan.path_of(file));
        render_field(change, field, remarks.as_deref(), painter, out);
    }
    if change.unchanged > 0 && !change.fields.is_empty() {
        let fields = if change.unchanged == 1 {
            "field"
        } else {
            "fields"
        };
        let _ = writeln!(
            out,
            "      {}",
            painter.dim(&format!("{} unchanged {fields}", change.unchanged))
        );
    }
    if !change.fields.is_empty() || !change.reasons.is_empty() || reach.is_some() {
        out.push('\n');
    }
}

/// What consumers gain or lose by a change, or by several that say the same.
fn turn(effect: &Effect, count: usize, painter: &PlanPainter) -> String {
    let color = match effect.turn {
        ConsumerTurn::GoesLive => AnsiColor::Green,
        ConsumerTurn::Leaves => AnsiColor::Red,
        ConsumerTurn::StaysAway => AnsiColor::Yellow,
    };
    let style = Style::new().bold().fg_color(Some(color.into()));
    let why = turn_reason(effect, count);
    let why = why.map_or_else(String::new, |why| format!(": {}", line(&why)));
    let word = turn_word(effect.turn, count);
    format!("{}{why}", painter.styled(style, word))
}

fn render_field(
    change: &Change,
    field: &FieldChange,
    remarks: Option<&str>,
    painter: &PlanPainter,
    out: &mut String,
) {
    let path = named_field(change, field);
    let path = line(&path);
    let remarks = remarks
        .map(|remarks| format!("  {}", painter.dim(&format!("({})", line(remarks)))))
        .unwrap_or_default();
    if is_new(change, field) {
        let _ = writeln!(out, "      {path}: {}{remarks}", value::short(&field.after));
    } else if let Some((counts, lines)) = Some(field)
        .filter(|_| !painter.full)
        .and_then(|it| value::list_diff(&it.before, &it.written(change.kind)))
    {
        let _ = writeln!(out, "      {path}: {counts}{remarks}");
        for (sign, shown) in lines {
            let color = if sign == '-' {
                AnsiColor::Red
            } else {
                AnsiColor::Green
            };
            let text = format!("        {sign} {shown}");
            let _ = writeln!(out, "{}", painter.paint(color, &text));
        }
    } else if let Some(lines) = value::line_diff(&field.before, &field.written(change.kind)) {
        let _ = writeln!(out, "      {path}:{remarks}");
        for (sign, shown) in lines {
            let text = format!("        {sign} {shown}");
            let text = match sign {
                '-' => painter.paint(AnsiColor::Red, &text),
                '+' => painter.paint(AnsiColor::Green, &text),
                _ => painter.dim(&text),
            };
            let _ = writeln!(out, "{}", text.trim_end());
        }
    } else {
        let (before, after) = value::pair(&field.before, &field.after);
        let before = painter.paint(AnsiColor::Red, &before);
        let after = painter.paint(AnsiColor::Green, &after);
        let _ = writeln!(out, "      {path}: {before} -> {after}{remarks}");
    }
    for means in &field.means {
        let means = format!("= means: {}", line(&value::flow(means)));
        let _ = writeln!(out, "        {}", painter.dim(&means));
    }
    for hint in &field.hints {
        let _ = writeln!(
            out,
            "        {}",
            painter.dim(&format!("= hint: {}", line(hint)))
        );
    }
}
