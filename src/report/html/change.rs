//! The changes, one that opens per object: its fields with their causes, and what it touches.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::parts::{link, prose};
use serde_json::Value;

use crate::kinds::KindId;
use crate::kinds::mapping::named_in;
use crate::manifest::Key;
use crate::plan::{Action, Cause, Change, Effect, FieldChange, Plan, Turn};
use crate::report::cause::{is_new, remarks};
use crate::report::plan::{flow, line_diff, short, turn_word};
use crate::report::reach;
use crate::text::Pointer;
use crate::text::color::{Color, Notation};
use crate::text::safe::html as escaped;

/// The actions in the order in which people look at them, and what the changes of each are called.
pub(super) const SECTIONS: [(Action, &str); 8] = [
    (Action::Delete, "to delete"),
    (Action::Replace, "to replace"),
    (Action::Update, "to update"),
    (Action::Create, "to create"),
    (Action::Manual, "to do by hand"),
    (Action::Adopt, "to adopt"),
    (Action::Forget, "to forget"),
    (Action::None, "left alone"),
];

/// How many changes a plan has at most whose changes are shown open.
const SMALL: usize = 8;

/// How many lines of a value are shown.
const LINES: usize = 120;

/// How many references of an object are listed.
const LISTED: usize = 12;

pub(super) use crate::report::graph::word;

/// All changes, with the fields to search and filter them.
pub(super) fn section(plan: &Plan, out: &mut String) {
    out.push_str("<section id=\"changes\" class=\"view\" aria-label=\"Changes\">\n");
    toolbar(plan, out);
    let listing = Listing::new(plan);
    for (action, title) in SECTIONS {
        let changes = plan.changes.iter().enumerate();
        let changes: Vec<_> = changes.filter(|(_, it)| it.action == action).collect();
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
            out.push_str("<p class=\"lead\">The platform lets programs only read these. Enter the values in the web tool; the next plan verifies them.</p>\n");
        }
        for (index, change) in changes {
            listing.change(index, change, out);
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
            is_small: plan
                .changes
                .iter()
                .filter(|it| it.action != Action::None)
                .count()
                <= SMALL,
        }
    }

    fn change(&self, index: usize, change: &Change, out: &mut String) {
        let key = change.key();
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
                "reaches live"
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
        let count = change.fields.len();
        if count > 0 {
            let plural = if count == 1 { "" } else { "s" };
            let _ = write!(out, "<span class=\"size\">{count} field{plural}</span>");
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

fn fields(change: &Change, out: &mut String) {
    if change.action == Action::Manual {
        out.push_str(
            "<label class=\"check done\"><input type=\"checkbox\"> Done in the web tool</label>",
        );
    }
    if !change.fields.is_empty() {
        out.push_str("<dl class=\"fields\">\n");
        for it in &change.fields {
            field(change, it, out);
        }
        out.push_str("</dl>");
    }
    was(change, out);
    if change.unchanged > 0 && !change.fields.is_empty() {
        let plural = if change.unchanged == 1 { "" } else { "s" };
        let _ = write!(
            out,
            "<p class=\"same\">{} unchanged field{plural}</p>",
            change.unchanged
        );
    }
}

fn field(change: &Change, field: &FieldChange, out: &mut String) {
    let _ = write!(out, "<div><dt>{}", broken(&named(change, field)));
    let is_new = is_new(change, field);
    let means = (field.means.iter()).map(|means| format!("means: {}", flow(means)));
    let hints = (field.hints.iter()).map(|hint| format!("hint: {hint}"));
    let hints = means.chain(hints);
    for remark in remarks(change, field, str::to_owned)
        .into_iter()
        .chain(hints)
    {
        let _ = write!(out, " <span class=\"cause\">{}</span>", escaped(&remark));
    }
    out.push_str("</dt>");
    if let Some(lines) = line_diff(&field.before, &field.written(change.kind)) {
        long(&lines, is_new, out);
    } else if is_new {
        let _ = write!(
            out,
            "<dd><span>{}{}</span></dd>",
            swatch(&field.after),
            escaped(&short(&field.after))
        );
    } else {
        let (before, after) = (short(&field.before), short(&field.after));
        let _ = write!(
            out,
            "<dd class=\"pair\"><del>{}{}</del><ins>{}{}</ins></dd>",
            swatch(&field.before),
            escaped(&before),
            swatch(&field.after),
            escaped(&after)
        );
    }
    out.push_str("</div>\n");
}

/// A name that may be broken behind its dots.
fn broken(name: &str) -> String {
    escaped(name).replace('.', ".<wbr>")
}

/// A field as people name it, items of lists by what tells them apart: `displayInstances[online].enabled`.
fn named(change: &Change, field: &FieldChange) -> String {
    let Some(below) = field.pointer.as_str().strip_prefix("/spec") else {
        return field.path();
    };
    let spec = [&change.declared, &change.was].into_iter();
    let mut spec = spec.filter(|spec| spec.is_object());
    let fields = change.kind.def().fields;
    match spec.next() {
        Some(spec) => named_in(fields, spec, &Pointer::from(below)),
        None => field.path(),
    }
}

/// A colour beside its value, drawn by attributes, which the page admits where it admits no style.
fn swatch(value: &Value) -> String {
    let Some((color, _)) = value.as_str().and_then(Color::parse) else {
        return String::new();
    };
    let text = color.write(Notation::Hex { upper: false });
    format!(
        "<svg class=\"swatch\" width=\"12\" height=\"12\" role=\"img\" aria-label=\"colour\"><rect x=\"0.5\" y=\"0.5\" width=\"11\" height=\"11\" rx=\"2\" fill=\"{text}\" stroke=\"#8a8f98\"/></svg> "
    )
}

/// What an object was that goes: its fields as the account has them.
fn was(change: &Change, out: &mut String) {
    let fields = change.was.as_object().filter(|fields| !fields.is_empty());
    let Some(fields) = fields else { return };
    out.push_str("<dl class=\"fields was\">\n");
    for (name, value) in fields {
        let _ = write!(out, "<div><dt>{}</dt>", broken(name));
        match line_diff(&Value::Null, value) {
            Some(lines) => {
                let lines: Vec<_> = lines.into_iter().filter(|(sign, _)| *sign != '-').collect();
                long(&lines, true, out);
            }
            None => {
                let _ = write!(
                    out,
                    "<dd><span>{}{}</span></dd>",
                    swatch(value),
                    escaped(&short(value))
                );
            }
        }
        out.push_str("</div>\n");
    }
    out.push_str("</dl>");
}

/// A value of several lines, or the lines in which two differ.
fn long(lines: &[(char, String)], is_new: bool, out: &mut String) {
    out.push_str("<dd><pre>");
    for (sign, line) in lines.iter().take(LINES) {
        let line = escaped(line);
        let _ = match sign {
            _ if is_new => writeln!(out, "{line}"),
            '-' => writeln!(out, "<del>- {line}</del>"),
            '+' => writeln!(out, "<ins>+ {line}</ins>"),
            _ => writeln!(out, "  {line}"),
        };
    }
    out.push_str("</pre>");
    if lines.len() > LINES {
        let _ = write!(
            out,
            "<p class=\"same\">{} more lines</p>",
            lines.len() - LINES
        );
    }
    out.push_str("</dd>");
}
