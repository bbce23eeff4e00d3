//! Changes that say the same, together in one block: a person reads a thousand lines of one kind as none.
//!
//! - Four or more changes of one kind with the same fields are told once, with their number and the first names.
//! - When there is more to create than a person reads, creates are told by kind.
//! - What consumers gain or lose is never folded away: a block of such changes bears the mark. One of what consumers
//!   lose lists every name, as a block of deletes does. What a change reaches keeps it apart from the others, too.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::{PlanPainter, mark, render_field, turn};
use crate::kinds::KindId;
use crate::plan::{Action, Change, ConsumerTurn, Effect, Plan};
use crate::report::cause::remarks;
use crate::report::reach::{self, counted};
use crate::text::safe::line;
use crate::text::some_of;

/// How many changes that say the same are told one by one at most.
const ALIKE: usize = 3;

/// How many creates are told one by one at most: about what a person reads before saying yes.
const CREATES: usize = 40;

/// How many names of a block are shown.
const NAMED: usize = 5;

/// One change, or several that say the same.
pub(in crate::report) struct Block<'p>(pub(in crate::report) Vec<&'p Change>);

/// The changes in blocks, each at the place of its first change.
pub(in crate::report) fn blocks<'p>(
    plan: &'p Plan,
    changes: Vec<&'p Change>,
    full: bool,
) -> Vec<Block<'p>> {
    let creates = changes.iter().filter(|it| it.action == Action::Create);
    let many = creates.count() > CREATES;
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut blocks: Vec<Block<'p>> = Vec::new();
    for change in changes {
        let said = Some(change).filter(|_| !full);
        let said = said.and_then(|change| said_of(plan, change, many));
        let place = said.as_ref().and_then(|said| places.get(said).copied());
        if let Some(place) = place {
            blocks[place].0.push(change);
            continue;
        }
        if let Some(said) = said {
            places.insert(said, blocks.len());
        }
        blocks.push(Block(vec![change]));
    }
    let apart = |block: Block<'p>| {
        let is_large = many && block.0[0].action == Action::Create;
        if block.0.len() > ALIKE || is_large {
            vec![block]
        } else {
            block.0.into_iter().map(|it| Block(vec![it])).collect()
        }
    };
    blocks.into_iter().flat_map(apart).collect()
}

/// What is said of a change, but for its name; nothing for one that is to stand alone.
fn said_of(plan: &Plan, change: &Change, many: bool) -> Option<String> {
    let key = change.key();
    let effect = plan.effect_on(&key);
    if !change.takes.is_empty() || reach::of(plan, &key).is_some() {
        return None;
    }
    if matches!(change.action, Action::Replace | Action::Manual) {
        return None;
    }
    if many && change.action == Action::Create && change.reasons.is_empty() {
        let is_gain = effect.is_none_or(|it| it.turn == ConsumerTurn::GoesLive && it.why.is_none());
        return is_gain.then(|| format!("create {} {}", change.kind, effect.is_some()));
    }
    let turn = effect.map(|it| (it.turn, &it.why));
    let fields = change.fields.iter().map(|field| {
        let remarks = remarks(change, field, |_| String::new());
        let values = (&field.before, &field.after, &field.hints, &field.means);
        format!("{} {values:?} {remarks:?}", field.pointer)
    });
    let fields: Vec<String> = fields.collect();
    let (action, kind, adopted) = (change.action, change.kind, change.adopted);
    // Of what is deleted, the file that had it is the only difference.
    let reasons = Some(&change.reasons).filter(|_| action != Action::Delete);
    Some(format!(
        "{action:?} {kind} {adopted} {turn:?} {reasons:?} {fields:?}"
    ))
}

/// Several changes that say the same.
pub(super) fn render(plan: &Plan, changes: &[&Change], painter: &PlanPainter, out: &mut String) {
    let [first, ..] = changes else { return };
    let (sign, color, word) = mark(first.action);
    let title = painter.paint(color, &format!("{sign:>3} {word}"));
    let count = painter.bold(&counted(first.kind, changes.len()));
    let _ = writeln!(out, "{title} {count}");
    let effect = plan.effect_on(&first.key());
    if let Some(effect) = effect {
        let _ = writeln!(out, "      {}", turn(effect, changes.len(), painter));
    }
    if first.adopted && first.action != Action::Adopt {
        let said = "→ bound to the live objects with these display names";
        let _ = writeln!(out, "      {}", painter.dim(said));
    }
    if first.action != Action::Create {
        for reason in reasons(changes) {
            let _ = writeln!(out, "      {}", painter.dim(&line(&reason)));
        }
        for field in &first.fields {
            let remarks = remarks(first, field, |file| plan.path_of(file));
            render_field(first, field, remarks.as_deref(), painter, out);
        }
    }
    let names = names(changes, effect);
    let _ = writeln!(out, "      {}\n", painter.dim(&names));
}

/// Why several changes are made: the first reasons, and how many more there are.
fn reasons(changes: &[&Change]) -> Vec<String> {
    let mut reasons: Vec<String> = Vec::new();
    for reason in changes.iter().flat_map(|it| &it.reasons) {
        if !reasons.contains(reason) {
            reasons.push(reason.clone());
        }
    }
    if reasons.len() > ALIKE {
        let more = reasons.split_off(ALIKE).len();
        reasons.push(format!("and {more} more like these"));
    }
    reasons
}

/// The first names, and how many more there are.
pub(in crate::report) fn first_names(changes: &[&Change]) -> String {
    names(changes, None)
}

/// The first names, or all of what is deleted or what consumers lose.
pub(in crate::report) fn names(changes: &[&Change], effect: Option<&Effect>) -> String {
    let leaves = effect.is_some_and(|it| it.turn == ConsumerTurn::Leaves);
    let is_whole = leaves || changes[0].action == Action::Delete;
    // The name of one more takes no more room than its count.
    let limit = if is_whole { usize::MAX } else { NAMED + 1 };
    let limit = if changes.len() <= limit { limit } else { NAMED };
    some_of(changes.iter().map(|it| &it.name), limit)
}

/// How many objects of each kind a plan of more than a screen creates, changes and deletes.
pub(super) fn table(changes: &[&Change], painter: &PlanPainter, out: &mut String) {
    const HEADS: [(&str, Action); 7] = [
        ("CREATE", Action::Create),
        ("UPDATE", Action::Update),
        ("REPLACE", Action::Replace),
        ("DELETE", Action::Delete),
        ("ADOPT", Action::Adopt),
        ("FORGET", Action::Forget),
        ("MANUAL", Action::Manual),
    ];
    if changes.len() <= CREATES {
        return;
    }
    let mut counts: BTreeMap<KindId, BTreeMap<Action, usize>> = BTreeMap::new();
    for change in changes {
        *counts
            .entry(change.kind)
            .or_default()
            .entry(change.action)
            .or_default() += 1;
    }
    let is_used = |action: &Action| changes.iter().any(|it| it.action == *action);
    let heads: Vec<_> = HEADS.iter().filter(|(_, action)| is_used(action)).collect();
    let widest = counts
        .keys()
        .map(|kind| kind.name().len())
        .max()
        .unwrap_or_default();
    let mut head = format!("  {:widest$}", "KIND");
    for (title, _) in &heads {
        let _ = write!(head, "  {title:>7}");
    }
    let _ = writeln!(out, "{}", painter.bold(&head));
    for (kind, counts) in counts {
        let mut row = format!("  {:widest$}", kind.name());
        for (_, action) in &heads {
            let count = counts
                .get(action)
                .map_or_else(String::new, ToString::to_string);
            let _ = write!(row, "  {count:>7}");
        }
        let _ = writeln!(out, "{}", row.trim_end());
    }
    out.push('\n');
}

/// What there is to say when something was folded.
pub(in crate::report) const HINT: &str = "`--full` shows every object and field.";

/// The same in colour.
pub(super) fn hint(painter: &PlanPainter) -> String {
    painter.paint(AnsiColor::Cyan, HINT)
}
