//! The changes, one that opens per object: its fields with their causes, and what it touches.

use std::collections::{BTreeMap, BTreeSet};

use super::fields::{broken, fields, list};
use super::markup::Html;
use super::parts::{link, prose};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::plan::{Action, Cause, Change, ConsumerTurn, Effect, Plan};
use crate::report::plan::fold::{blocks, first_names};
use crate::report::plan::{turn_reason, turn_word, unwritten_effects};
use crate::report::reach::{self, counted};

/// The actions in the order in which people look at them, and what the changes of each are called.
pub(super) const SECTIONS: [(Action, &str); 8] = [
    (Action::Delete, "to delete"),
    (Action::Replace, "to replace"),
    (Action::Update, "to update"),
    (Action::Create, "to create"),
    (Action::Manual, "manual step"),
    (Action::Adopt, "to adopt"),
    (Action::Forget, "to forget"),
    (Action::None, "left alone"),
];

/// How many changes a plan has at most whose changes are shown open.
const SMALL: usize = 8;

/// How many references of an object are listed.
const LISTED: usize = 12;

pub(super) use crate::report::graph::word;

/// All changes, with the fields to search and filter them.
pub(super) fn section(plan: &Plan, out: &mut Html) {
    out.say("<section id=\"changes\" class=\"view\" aria-label=\"Changes\">\n");
    toolbar(plan, out);
    let listing = ChangeListing::new(plan);
    for (action, title) in SECTIONS {
        let changes = plan.changes.iter();
        let changes: Vec<_> = changes.filter(|it| it.action == action).collect();
        if changes.is_empty() {
            continue;
        }
        let word = word(action);
        out.put(
            "<section class=\"group\" id=\"{}\"><h2><span class=\"count\">{}</span> {}</h2>\n",
            &[&word, &changes.len(), &title],
        );
        if action == Action::Manual {
            out.say("<p class=\"lead\">Programs can only read these. Enter the values in the web tool; the next plan verifies them.</p>\n");
        }
        for block in blocks(plan, changes, false) {
            match block.0.as_slice() {
                [change] => listing.change(change, out),
                changes => listing.alike(changes, out),
            }
        }
        out.say("</section>\n");
    }
    unwritten(plan, out);
    templates(plan, out);
    out.say("<p id=\"none\" hidden>No change fits. <button type=\"button\" id=\"clear\">Clear the filters</button></p>\n</section>\n");
}

/// What consumers gain or lose by a change, or by several that say the same.
fn turned(effect: &Effect, count: usize, out: &mut Html) {
    let class = match effect.turn {
        ConsumerTurn::GoesLive => "gains",
        ConsumerTurn::Leaves => "loses",
        ConsumerTurn::StaysAway => "waits",
    };
    let word = turn_word(effect.turn, count);
    let why = turn_reason(effect, count);
    let why = why.map(|why| Html::of(": {}", &[&why]));
    out.put("<span class=\"tag {}\">{}{}</span>", &[&class, &word, &why]);
}

/// What consumers lose or gain although the plan writes nothing to it.
fn unwritten(plan: &Plan, out: &mut Html) {
    let all = unwritten_effects(plan, |_| true);
    if all.is_empty() {
        return;
    }
    out.say("<section class=\"group\" id=\"unwritten\">");
    for (title, effects) in all {
        out.put(
            "<h2><span class=\"count\">{}</span> {}</h2><ul class=\"plain\">",
            &[&effects.len(), &title],
        );
        for effect in effects {
            out.put("<li><code>{}</code> ", &[&effect.key.to_string()]);
            turned(effect, 1, out);
            out.say("</li>");
        }
        out.say("</ul>");
    }
    out.say("</section>\n");
}

/// Templates have no change of their own, and reach what uses them.
fn templates(plan: &Plan, out: &mut Html) {
    let reaches: Vec<_> = reach::without_change(plan).collect();
    if reaches.is_empty() {
        return;
    }
    out.say("<section class=\"group\" id=\"templates\"><h2>Templates that changed</h2><ul class=\"plain\">");
    for reach in reaches {
        let (of, told) = (reach.of.to_string(), reach::told(reach));
        out.put("<li><code>{}</code> {}</li>", &[&of, &told]);
    }
    out.say("</ul></section>\n");
}

fn toolbar(plan: &Plan, out: &mut Html) {
    let kinds: BTreeSet<KindId> = plan.changes.iter().map(|change| change.kind).collect();
    let fields = plan.changes.iter().flat_map(|change| &change.fields);
    let causes: BTreeSet<&str> = fields.map(|field| cause(field.cause)).collect();
    let options = |words: &[&str]| {
        words.iter().fold(Html::default(), |mut out, word| {
            out.put("<option>{}</option>", &[word]);
            out
        })
    };
    let kinds: Vec<&str> = kinds.into_iter().map(KindId::name).collect();
    let causes: Vec<&str> = causes.into_iter().collect();
    out.put(
        "<form class=\"tools\" role=\"search\" hidden><label class=\"search\"><span class=\"sr\">Search</span><input type=\"search\" id=\"q\" placeholder=\"Search names, fields and values\" autocomplete=\"off\" spellcheck=\"false\" aria-keyshortcuts=\"/\"><kbd aria-hidden=\"true\">/</kbd></label><label><span class=\"sr\">Kind</span><select id=\"kind\"><option value=\"\">All kinds</option>{}</select></label><label><span class=\"sr\">Cause</span><select id=\"cause\"><option value=\"\">All causes</option>{}</select></label><label class=\"check\"><input type=\"checkbox\" id=\"live\"> Touches what is live</label><button type=\"button\" id=\"all\" aria-pressed=\"false\">Open all</button><output id=\"shown\" aria-live=\"polite\"></output></form>\n",
        &[&options(&kinds), &options(&causes)],
    );
}

/// The word of a cause in filters.
fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Edit => "edit",
        Cause::Drift => "drift",
        Cause::Both => "edit and drift",
        Cause::Template => "template",
        Cause::Variable => "variable",
        Cause::Unknown => "unknown",
    }
}

/// What is known of all changes, for each of them.
struct ChangeListing<'a> {
    plan: &'a Plan,
    uses: BTreeMap<&'a Key, &'a [Key]>,
    users: BTreeMap<&'a Key, Vec<&'a Key>>,
    live: BTreeSet<&'a Key>,
    /// Where each change is in the plan, which its address on the page is made of.
    places: BTreeMap<Key, usize>,
    /// Whether all changes are shown open.
    is_small: bool,
}

impl<'a> ChangeListing<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut users = BTreeMap::<&Key, Vec<&Key>>::new();
        for dependency in &plan.dependencies {
            for key in &dependency.on {
                users.entry(key).or_default().push(&dependency.of);
            }
        }
        let dependencies = plan.dependencies.iter();
        Self {
            plan,
            uses: dependencies.map(|it| (&it.of, it.on.as_slice())).collect(),
            users,
            live: plan.live.iter().collect(),
            places: (plan.changes.iter().enumerate())
                .map(|(index, change)| (change.key(), index))
                .collect(),
            is_small: plan
                .changes
                .iter()
                .filter(|it| it.action != Action::None)
                .count()
                <= SMALL,
        }
    }

    /// Several changes that say the same: what they say, and each of them inside.
    fn alike(&self, changes: &[&Change], out: &mut Html) {
        let [first, ..] = changes else { return };
        let word = word(first.action);
        let open = if self.is_small { " open" } else { "" };
        out.put(
            "<details class=\"alike {}\"{}><summary><span class=\"mark\" title=\"{}\">{}</span><span class=\"what\"><b>{}</b> <span class=\"names\">{}</span></span><span class=\"tags\">",
            &[
                &word,
                &open,
                &word,
                &mark(first.action),
                &counted(first.kind, changes.len()),
                &broken(&first_names(changes)),
            ],
        );
        let live = changes.iter().filter(|it| self.live.contains(&it.key()));
        let live = live.count();
        self.tags(changes, live == changes.len(), out);
        let is_in_part = 0 < live && live < changes.len();
        if is_in_part && self.plan.effect_on(&first.key()).is_none() {
            out.put("<span class=\"tag live\">{} live</span>", &[&live]);
        }
        // Creates are one for their kind, not for their fields.
        let is_of_kind = first.action == Action::Create;
        if !is_of_kind {
            size(first, out);
        }
        out.say("</span></summary>\n");
        if !is_of_kind {
            out.say("<div class=\"body\">");
            list(first, out);
            out.say("</div>\n");
        }
        for change in changes {
            self.change(change, out);
        }
        out.say("</details>\n");
    }

    fn change(&self, change: &Change, out: &mut Html) {
        let key = change.key();
        let index = self.places.get(&key).copied().unwrap_or_default();
        let reach = reach::of(self.plan, &key);
        let touches =
            self.live.contains(&key) || reach.is_some_and(|it| it.objects.iter().any(|o| o.live));
        let causes: BTreeSet<&str> = change.fields.iter().map(|it| cause(it.cause)).collect();
        let causes: Vec<&str> = causes.into_iter().collect();
        let word = word(change.action);
        let open = if change.action == Action::Manual || self.is_small {
            " open"
        } else {
            ""
        };
        out.put(
            "<details class=\"change {}\" id=\"c{}\" data-action=\"{}\" data-kind=\"{}\" data-causes=\"{}\"{}{}><summary><span class=\"mark\" title=\"{}\">{}</span><span class=\"what\"><span class=\"kind\">{}</span> <b>{}</b>",
            &[
                &word,
                &index,
                &word,
                &change.kind.name(),
                &causes.join("|"),
                &if touches { " data-live" } else { "" },
                &open,
                &word,
                &mark(change.action),
                &change.kind.name(),
                &broken(change.name.as_str()),
            ],
        );
        if change.display_name != change.name.as_str() {
            out.put(" <bdi class=\"shown\">{}</bdi>", &[&change.display_name]);
        }
        out.say("</span><span class=\"tags\">");
        self.tags(&[change], touches, out);
        size(change, out);
        out.say("</span></summary>\n<div class=\"body\">");
        facts(change, out);
        if let Some(reach) = reach {
            out.put("<p class=\"reach\">{}</p>", &[&reach::told(reach)]);
        }
        fields(change, out);
        self.around(&key, out);
        out.say("</div></details>\n");
    }

    /// What is worth knowing without opening the change.
    fn tags(&self, changes: &[&Change], touches: bool, out: &mut Html) {
        let [change, ..] = changes else { return };
        let key = &change.key();
        let effect = self.plan.effect_on(key);
        if let Some(effect) = effect {
            turned(effect, changes.len(), out);
        }
        if touches && effect.is_none() {
            let said = if self.live.contains(key) {
                "live"
            } else {
                "used by live objects"
            };
            out.put("<span class=\"tag live\">{}</span>", &[&said]);
        }
        let is_new = change.action == Action::Create;
        let causes: BTreeSet<&str> = (change.fields.iter())
            .filter(|field| !is_new && field.cause != Cause::Unknown)
            .map(|field| cause(field.cause))
            .collect();
        for cause in causes {
            out.put("<span class=\"tag\">{}</span>", &[&cause]);
        }
    }

    /// What it refers to, and what refers to it.
    fn around(&self, key: &Key, out: &mut Html) {
        let uses: Vec<&Key> = self
            .uses
            .get(key)
            .copied()
            .unwrap_or_default()
            .iter()
            .collect();
        let users = self.users.get(key).map(Vec::as_slice).unwrap_or_default();
        if uses.is_empty() && users.is_empty() {
            return;
        }
        out.say("<dl class=\"around\">");
        for (title, keys) in [("refers to", uses.as_slice()), ("used by", users)] {
            if keys.is_empty() {
                continue;
            }
            let mut links: Vec<Html> = keys
                .iter()
                .take(LISTED)
                .map(|key| link(self.plan, key))
                .collect();
            if keys.len() > LISTED {
                links.push(Html::of("{} more", &[&(keys.len() - LISTED)]));
            }
            out.put(
                "<div><dt>{}</dt><dd>{}</dd></div>",
                &[&title, &Html::joined(&links, ", ")],
            );
        }
        out.say("</dl>");
    }
}

/// How many fields change.
fn size(change: &Change, out: &mut Html) {
    let count = change.fields.len();
    if count > 0 {
        let plural = if count == 1 { "" } else { "s" };
        out.put("<span class=\"size\">{} field{}</span>", &[&count, &plural]);
    }
}

fn mark(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Replace => "∓",
        Action::Delete => "−",
        Action::Adopt => "→",
        Action::Forget => "·",
        Action::Manual => "!",
        Action::None => "=",
    }
}

/// Where it stands, and why.
fn facts(change: &Change, out: &mut Html) {
    let mut facts = Vec::new();
    if let Some(source) = &change.source {
        facts.push(Html::of(
            "<code>{}:{}</code>",
            &[&source.file, &source.line],
        ));
    }
    if let Some(id) = &change.remote_id {
        facts.push(Html::of("id {}", &[&id.to_string()]));
    }
    if change.protect {
        facts.push(Html::fixed("protected"));
    }
    if change.adopted && change.action != Action::Adopt {
        facts.push(Html::fixed(
            "bound to the live object with this display name",
        ));
    }
    if !facts.is_empty() {
        out.put("<p class=\"where\">{}</p>", &[&Html::joined(&facts, " · ")]);
    }
    for reason in &change.reasons {
        out.put("<p class=\"why\">{}</p>", &[&prose(reason)]);
    }
}
