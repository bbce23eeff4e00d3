//! The changes, one that opens per object: its fields with their causes, and what it touches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::fields::{broken, fields, list};
use super::parts::{link, prose};
use crate::kinds::KindId;
use crate::manifest::Key;
use crate::plan::{Action, Cause, Change, Effect, Plan, Turn};
use crate::report::plan::fold::{blocks, first_names};
use crate::report::plan::turn_word;
use crate::report::reach::{self, counted};
use crate::text::safe::html as escaped;

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
pub(super) fn section(plan: &Plan, out: &mut String) {
    out.push_str("<section id=\"changes\" class=\"view\" aria-label=\"Changes\">\n");
    toolbar(plan, out);
    let listing = Listing::new(plan);
    for (action, title) in SECTIONS {
        let changes = plan.changes.iter();
        let changes: Vec<_> = changes.filter(|it| it.action == action).collect();
        if changes.is_empty() {
            continue;
        }
        let word = word(action);
        let _ = writeln!(
            out,
            "<section class=\"group\" id=\"{word}\"><h2><span class=\"count\">{}</span> {title}</h2>",
            changes.len()
        );
        if action == Action::Manual {
            out.push_str("<p class=\"lead\">Programs can only read these. Enter the values in the web tool; the next plan verifies them.</p>\n");
        }
        for block in blocks(plan, changes, false) {
            match block.0.as_slice() {
                [change] => listing.change(change, out),
                changes => listing.alike(changes, out),
            }
        }
        out.push_str("</section>\n");
    }
    templates(plan, out);
    out.push_str("<p id=\"none\" hidden>No change fits. <button type=\"button\" id=\"clear\">Clear the filters</button></p>\n</section>\n");
}

/// Templates have no change of their own, and reach what uses them.
fn templates(plan: &Plan, out: &mut String) {
    let reaches: Vec<_> = reach::without_change(plan).collect();
    if reaches.is_empty() {
        return;
    }
    out.push_str("<section class=\"group\" id=\"templates\"><h2>Templates that changed</h2><ul class=\"plain\">");
    for reach in reaches {
        let (of, told) = (escaped(&reach.of.to_string()), escaped(&reach::told(reach)));
        let _ = write!(out, "<li><code>{of}</code> {told}</li>");
    }
    out.push_str("</ul></section>\n");
}

fn toolbar(plan: &Plan, out: &mut String) {
    let kinds: BTreeSet<KindId> = plan.changes.iter().map(|change| change.kind).collect();
    let fields = plan.changes.iter().flat_map(|change| &change.fields);
    let causes: BTreeSet<&str> = fields.map(|field| cause(field.cause)).collect();
    let options = |words: &[&str]| {
        words.iter().fold(String::new(), |mut out, word| {
            let _ = write!(out, "<option>{word}</option>");
            out
        })
    };
    let kinds: Vec<&str> = kinds.into_iter().map(KindId::name).collect();
    let causes: Vec<&str> = causes.into_iter().collect();
    let _ = writeln!(
        out,
        "<form class=\"tools\" role=\"search\" hidden><label class=\"search\"><span class=\"sr\">Search</span><input type=\"search\" id=\"q\" placeholder=\"Search names, fields and values\" autocomplete=\"off\" spellcheck=\"false\" aria-keyshortcuts=\"/\"><kbd aria-hidden=\"true\">/</kbd></label><label><span class=\"sr\">Kind</span><select id=\"kind\"><option value=\"\">All kinds</option>{}</select></label><label><span class=\"sr\">Cause</span><select id=\"cause\"><option value=\"\">All causes</option>{}</select></label><label class=\"check\"><input type=\"checkbox\" id=\"live\"> Touches what is live</label><button type=\"button\" id=\"all\" aria-pressed=\"false\">Open all</button><output id=\"shown\" aria-live=\"polite\"></output></form>",
        options(&kinds),
        options(&causes)
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
struct Listing<'a> {
    plan: &'a Plan,
    uses: BTreeMap<&'a Key, &'a [Key]>,
    users: BTreeMap<&'a Key, Vec<&'a Key>>,
    live: BTreeSet<&'a Key>,
    /// Where each change is in the plan, which its address on the page is made of.
    places: BTreeMap<Key, usize>,
    /// Whether all changes are shown open.
    is_small: bool,
}

impl<'a> Listing<'a> {
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
    fn alike(&self, changes: &[&Change], out: &mut String) {
        let [first, ..] = changes else { return };
        let word = word(first.action);
        let open = if self.is_small { " open" } else { "" };
        let _ = write!(
            out,
            "<details class=\"alike {word}\"{open}><summary><span class=\"mark\" title=\"{word}\">{}</span><span class=\"what\"><b>{}</b> <span class=\"names\">{}</span></span><span class=\"tags\">",
            mark(first.action),
            counted(first.kind, changes.len()),
            broken(&first_names(changes))
        );
        self.tags(first, &first.key(), false, out);
        // Creates are one for their kind, not for their fields.
        let is_of_kind = first.action == Action::Create;
        if !is_of_kind {
            size(first, out);
        }
        out.push_str("</span></summary>\n");
        if !is_of_kind {
            out.push_str("<div class=\"body\">");
            list(first, out);
            out.push_str("</div>\n");
        }
        for change in changes {
            self.change(change, out);
        }
        out.push_str("</details>\n");
    }

    fn change(&self, change: &Change, out: &mut String) {
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
        let _ = write!(
            out,
            "<details class=\"change {word}\" id=\"c{index}\" data-action=\"{word}\" data-kind=\"{}\" data-causes=\"{}\"{}{open}><summary><span class=\"mark\" title=\"{word}\">{}</span><span class=\"what\"><span class=\"kind\">{}</span> <b>{}</b>",
            change.kind,
            causes.join("|"),
            if touches { " data-live" } else { "" },
            mark(change.action),
            change.kind,
            broken(change.name.as_str())
        );
        if change.display_name != change.name.as_str() {
            let _ = write!(
                out,
                " <bdi class=\"shown\">{}</bdi>",
                escaped(&change.display_name)
            );
        }
        out.push_str("</span><span class=\"tags\">");
        self.tags(change, &key, touches, out);
        size(change, out);
        out.push_str("</span></summary>\n<div class=\"body\">");
        facts(change, out);
        if let Some(reach) = reach {
            let _ = write!(
                out,
                "<p class=\"reach\">{}</p>",
                escaped(&reach::told(reach))
            );
        }
        fields(change, out);
        self.around(&key, out);
        out.push_str("</div></details>\n");
    }

    /// What is worth knowing without opening the change.
    fn tags(&self, change: &Change, key: &Key, touches: bool, out: &mut String) {
        let effect = self.plan.effect_on(key);
        if let Some(Effect { turn, why, .. }) = effect {
            let (class, word) = match turn {
                Turn::GoesLive => ("gains", turn_word(*turn)),
                Turn::Leaves => ("loses", turn_word(*turn)),
            };
            let why = why.as_ref();
            let why = why.map_or_else(String::new, |why| format!(": {}", escaped(why)));
            let _ = write!(out, "<span class=\"tag {class}\">{word}{why}</span>");
        }
        if touches && effect.is_none() {
            let said = if self.live.contains(key) {
                "live"
            } else {
                "used by live objects"
            };
            let _ = write!(out, "<span class=\"tag live\">{said}</span>");
        }
        let is_new = change.action == Action::Create;
        let causes: BTreeSet<&str> = (change.fields.iter())
            .filter(|field| !is_new && field.cause != Cause::Unknown)
            .map(|field| cause(field.cause))
            .collect();
        for cause in causes {
            let _ = write!(out, "<span class=\"tag\">{cause}</span>");
        }
    }

    /// What it refers to, and what refers to it.
    fn around(&self, key: &Key, out: &mut String) {
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
        out.push_str("<dl class=\"around\">");
        for (title, keys) in [("refers to", uses.as_slice()), ("used by", users)] {
            if keys.is_empty() {
                continue;
            }
            let mut links: Vec<String> = keys
                .iter()
                .take(LISTED)
                .map(|key| link(self.plan, key))
                .collect();
            if keys.len() > LISTED {
                links.push(format!("{} more", keys.len() - LISTED));
            }
            let _ = write!(
                out,
                "<div><dt>{title}</dt><dd>{}</dd></div>",
                links.join(", ")
            );
        }
        out.push_str("</dl>");
    }
}

/// How many fields change.
fn size(change: &Change, out: &mut String) {
    let count = change.fields.len();
    if count > 0 {
        let plural = if count == 1 { "" } else { "s" };
        let _ = write!(out, "<span class=\"size\">{count} field{plural}</span>");
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
fn facts(change: &Change, out: &mut String) {
    let mut facts = Vec::new();
    if let Some(source) = &change.source {
        let (file, line) = (escaped(&source.file), source.line);
        facts.push(format!("<code>{file}:{line}</code>"));
    }
    if let Some(id) = &change.remote_id {
        facts.push(format!("id {}", escaped(&id.to_string())));
    }
    if change.protect {
        facts.push("protected".to_owned());
    }
    if change.adopted && change.action != Action::Adopt {
        facts.push("bound to the live object with this display name".to_owned());
    }
    if !facts.is_empty() {
        let _ = write!(out, "<p class=\"where\">{}</p>", facts.join(" · "));
    }
    for reason in &change.reasons {
        let _ = write!(out, "<p class=\"why\">{}</p>", prose(reason));
    }
}
