//! Who uses an object, as a tree: a line for each user, what consumers see marked, and one line that counts them all.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::reach::counted;
use crate::kinds::KindId;
use crate::text::safe::line;
use crate::users::{ObjectOwner, Only, User, Uses};

/// The mark of what consumers see.
const LIVE: &str = "LIVE";

/// How many objects inside another one are listed when nothing asks for all of them.
const INSIDE: usize = 3;

/// The tree as text. Without `full`, what lies inside a user is counted where it is more than a few.
#[must_use]
pub fn render_uses(uses: &Uses, full: bool, color: bool) -> String {
    let tree = Tree { full, color };
    let mut out = tree.line_of(&uses.object);
    out.push('\n');
    let lists_all = full || uses.object.users.iter().all(|user| user.is_inside);
    tree.below(&uses.object, "", lists_all, &mut out);
    let _ = writeln!(out, "\n{}", summary(uses));
    if let Some(gone) = gone(uses) {
        let _ = writeln!(out, "{gone}");
    }
    out
}

/// The users of an object as Markdown: how many there are, and the first lines of the tree.
#[must_use]
pub fn brief_uses(uses: &Uses, lines: usize) -> String {
    let mut out = format!("\n{}\n", summary(uses));
    let tree = Tree {
        full: false,
        color: false,
    };
    let mut all = String::new();
    let lists_all = uses.object.users.iter().all(|user| user.is_inside);
    tree.below(&uses.object, "", lists_all, &mut all);
    if all.is_empty() {
        return out;
    }
    let shown: Vec<&str> = all.lines().take(lines).collect();
    let _ = writeln!(out, "\n```text\n{}", shown.join("\n"));
    let more = all.lines().count() - shown.len();
    if more > 0 {
        let _ = writeln!(out, ".. {more} more: `campaignctl uses`");
    }
    out.push_str("```\n");
    out
}

struct Tree {
    full: bool,
    color: bool,
}

impl Tree {
    /// The users of an object, each with its own below it.
    fn below(&self, of: &User, before: &str, lists_all: bool, out: &mut String) {
        let inside: Vec<&User> = of.users.iter().filter(|user| user.is_inside).collect();
        let folds = !lists_all && inside.len() > INSIDE;
        let shown = of.users.iter().filter(|user| !(folds && user.is_inside));
        let shown: Vec<&User> = shown.collect();
        for (at, user) in shown.iter().enumerate() {
            let is_last = at + 1 == shown.len() && !folds;
            let _ = writeln!(out, "{before}{}{}", branch(is_last), self.line_of(user));
            let further = if is_last { "   " } else { "│  " };
            self.below(user, &format!("{before}{further}"), self.full, out);
        }
        if folds {
            let _ = writeln!(out, "{before}{}{}", branch(true), self.folded(&inside));
        }
    }

    /// `6 engagements inside, 4 LIVE`.
    fn folded(&self, inside: &[&User]) -> String {
        let counts = counts(inside.iter().map(|user| user.kind));
        let live = inside.iter().filter(|user| user.live == Some(true)).count();
        let live = match live {
            0 => "none live".to_owned(),
            live => format!("{live} {}", self.mark()),
        };
        format!("{} inside, {live}", words(&counts))
    }

    fn line_of(&self, user: &User) -> String {
        let mut text = match &user.key {
            Some(key) => self.styled(Style::new().bold(), &key.to_string()),
            None => self.styled(Style::new().bold(), user.kind.name()),
        };
        if user
            .key
            .as_ref()
            .is_none_or(|key| key.name.as_str() != user.display_name)
        {
            let _ = write!(text, " \"{}\"", line(&user.display_name));
        }
        if let Some(id) = user.remote_id.as_ref().filter(|_| user.key.is_none()) {
            let _ = write!(text, " ({id})");
        }
        if let Some(inside) = user.inside.as_ref().filter(|_| !user.is_inside) {
            let _ = write!(text, " in {}", line(inside));
        }
        let mut marks: Vec<String> = Vec::new();
        marks.extend(match (user.live, &user.why) {
            (Some(true), _) => Some(self.mark()),
            (_, Some(why)) => Some(self.dim(&not_live(user, why))),
            _ => None,
        });
        marks.extend(owner(user).map(str::to_owned));
        marks.extend(user.only.map(|only| self.dim(only_here(only))));
        if user.again {
            marks.push(self.dim("users as above"));
        }
        if !marks.is_empty() {
            let _ = write!(text, "  {}", marks.join(", "));
        }
        text
    }

    fn mark(&self) -> String {
        let style = Style::new().bold().fg_color(Some(AnsiColor::Green.into()));
        self.styled(style, LIVE)
    }

    fn dim(&self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// Why consumers do not see a user. What lies around it is named in the same line or above it.
fn not_live(user: &User, why: &str) -> String {
    let around = user.inside.as_deref().unwrap_or_default();
    match why
        .strip_prefix(around)
        .and_then(|why| why.strip_prefix(": "))
    {
        Some(_) if user.is_inside => "not live".to_owned(),
        Some(why) => {
            let kind = user.kind.def().parent.as_ref().map_or("", |it| it.kind);
            format!("not live ({kind}: {})", line(why))
        }
        None => format!("not live ({})", line(why)),
    }
}

fn branch(is_last: bool) -> &'static str {
    if is_last { "└─ " } else { "├─ " }
}

fn owner(user: &User) -> Option<&'static str> {
    match user.owner {
        Some(ObjectOwner::Manifest) => None,
        Some(ObjectOwner::Ledger) => Some("no manifest"),
        Some(ObjectOwner::Foreign) => Some("foreign"),
        Some(ObjectOwner::Vendor) => Some("the vendor's own"),
        // What refers to it has a manifest, and it has none itself.
        None => user.key.is_some().then_some("no manifest"),
    }
}

/// That no manifest defines the object any more, and who still knows it.
fn gone(uses: &Uses) -> Option<String> {
    let object = &uses.object;
    let (Some(key), Some("no manifest")) = (&object.key, owner(object)) else {
        return None;
    };
    Some(match (&uses.account, object.owner) {
        (Some(_), Some(_)) => format!(
            "The manifest of {key} was removed. The object is still in the account and in the ledger; \
             `campaignctl plan` shows what becomes of it."
        ),
        (Some(_), None) => format!("No manifest defines {key}, and the ledger has no such object."),
        (None, _) => format!(
            "No manifest defines {key}. With `-e ENVIRONMENT`, `uses` looks in the account, too."
        ),
    })
}

fn only_here(only: Only) -> &'static str {
    match only {
        Only::Manifests => "not applied yet",
        Only::Account => "in the account only",
    }
}

/// `Used by 2 campaigns, 9 engagements (6 live, 1 foreign).`
fn summary(uses: &Uses) -> String {
    let summary = &uses.summary;
    if summary.users.is_empty() {
        let where_to_look = match uses.account {
            Some(_) => "",
            None => " in the manifests",
        };
        return format!("Used by nothing{where_to_look}.");
    }
    let mut said = match summary.live {
        0 => "none live".to_owned(),
        live => format!("{live} live"),
    };
    if summary.foreign > 0 {
        let _ = write!(said, ", {} foreign", summary.foreign);
    }
    format!("Used by {} ({said}).", words(&summary.users))
}

fn counts(kinds: impl Iterator<Item = KindId>) -> BTreeMap<KindId, usize> {
    kinds.fold(BTreeMap::new(), |mut counts, kind| {
        *counts.entry(kind).or_default() += 1;
        counts
    })
}

/// `2 campaigns, 9 engagements`.
pub(super) fn words(counts: &BTreeMap<KindId, usize>) -> String {
    let words = counts.iter().map(|(kind, count)| counted(*kind, *count));
    words.collect::<Vec<_>>().join(", ")
}
