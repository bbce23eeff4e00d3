//! No circles between the files and folders directly below a module of the crate.
//!
//! Two files that need each other can be read, tested and changed only together. What both need belongs into a third
//! below them; where a call goes up, it becomes a parameter or a trait.
//!
//! Reads the sources as text, as the floors do: `use` lines and paths in code that begin with `crate`, `super` or
//! `self`, through what a module's own file takes from its children to hand it on. What that file itself declares is
//! everybody's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::floors::{File, files};

/// A circle that was there before this test.
struct LeftCircle {
    module: &'static str,
    members: &'static str,
    /// What holds it together: where to begin.
    why: &'static str,
}

/// The circles that are left. No circle and no member may come in, and what is taken apart goes off the list.
const LEFT: &[LeftCircle] = &[
    LeftCircle {
        module: "apply",
        members: "job resume run",
        why: "the run makes jobs and resumes, which borrow its input",
    },
    LeftCircle {
        module: "editor",
        members: "actions rename",
        why: "a rename indents as an action does, and an action edits as a rename does",
    },
    LeftCircle {
        module: "editor",
        members: "analysis live snapshot",
        why: "a snapshot holds what the analysis and the live states are about, which read it",
    },
    LeftCircle {
        module: "kinds",
        members: "collection id kind launch mapping offering overview scenario shared",
        why: "a kind is its own table: an id finds the definition, whose parts name kinds",
    },
    LeftCircle {
        module: "ledger",
        members: "error lock term",
        why: "a ticket of a lock carries its term, a refusal carries the ticket",
    },
    LeftCircle {
        module: "ledger",
        members: "session store",
        why: "a store opens sessions, a session writes through its store",
    },
    LeftCircle {
        module: "offers",
        members: "assertion closing contests outcome rivalry",
        why: "an outcome has its contests, whose rivals are decided by outcomes of others",
    },
    LeftCircle {
        module: "offers",
        members: "coverage tally",
        why: "a count gives the items of the coverage that asks for it",
    },
    LeftCircle {
        module: "offers",
        members: "explore known",
        why: "a search keeps what is known of what it compares",
    },
    LeftCircle {
        module: "offers",
        members: "sections shelves world",
        why: "a world keeps what is worked out from it, in the types of what works it out",
    },
    LeftCircle {
        module: "offers",
        members: "contradiction proof served why",
        why: "a proof weighs what contradicts it, in the words of both",
    },
    LeftCircle {
        module: "offers",
        members: "difference rerouted undrawn",
        why: "a difference lists rerouted visits, which name the engagements that differ",
    },
    LeftCircle {
        module: "offers",
        members: "findings shadows",
        why: "shadows are found by the finder that lists them",
    },
    LeftCircle {
        module: "offers",
        members: "plain truth",
        why: "a judged truth has its plain parts, which are judged",
    },
    LeftCircle {
        module: "plan",
        members: "around consumers guard places unlisted",
        why: "what stands around a change and whom it reaches are found together",
    },
    LeftCircle {
        module: "plan",
        members: "document freeze steps",
        why: "steps freeze ids of a document that is made of steps",
    },
    LeftCircle {
        module: "plan",
        members: "refers verify",
        why: "references that moved make a plan stale, which the check of both says",
    },
    LeftCircle {
        module: "project",
        members: "rules waiver",
        why: "a rule holds its waivers, a waiver the level of its rule",
    },
    LeftCircle {
        module: "pull",
        members: "asked fresh",
        why: "what is asked for is read from the account, which is read as it is asked for",
    },
    LeftCircle {
        module: "pull",
        members: "drift flags gone meanings reasons",
        why: "the edit of a pull is declared where it is made",
    },
    LeftCircle {
        module: "report",
        members: "environments html impact markdown outcome plan rollout sends",
        why: "each report of several holds reports of one, in the format of the page around it",
    },
    LeftCircle {
        module: "resolve",
        members: "desired rest",
        why: "what is desired rests, and wakes as what is desired",
    },
    LeftCircle {
        module: "run",
        members: "account auditing broken_tests changed ci credentials environments execute identity ledgers logins looking machine manifests moved outputs outside planning recorded same_file subset taking_back trust user_folder workspace",
        why: "the workspace, the account and the machine are declared beside what opens them",
    },
    LeftCircle {
        module: "sandbox",
        members: "account auth clevertap csds engine faults grants handoffs monitoring network proactive read references routes seed server settings write",
        why: "the settings name faults and served conditions, which act on the engine",
    },
    LeftCircle {
        module: "sandbox",
        members: "call errors",
        why: "a refused request is replied to",
    },
];

/// Where a path begins that leads out of the file.
const ABOVE: [&str; 3] = ["crate", "super", "self"];

/// A path of names: that of a module, or one that code says.
type Names = Vec<String>;

/// What every module takes from others, by the name that it has there.
type Taken = BTreeMap<Names, BTreeMap<String, Names>>;

/// Who needs whom directly below one module, and a line of code that says so.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

fn names(path: &str) -> Names {
    path.split("::")
        .map(|name| name.trim().to_owned())
        .collect()
}

/// The module that a file is.
fn module_of(path: &str) -> Names {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let path = path.trim_end_matches("/mod").trim_end_matches("lib");
    let names = path.split('/').filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// The paths of a `use` tree, without its braces, each with the name that the code has for it.
fn expanded(tree: &str) -> Vec<(Names, String)> {
    let tree = tree.trim();
    let Some((head, rest)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let mut path = names(path);
        if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let own = path.last().cloned().unwrap_or_default();
        let alias = alias.trim();
        let name = if alias.is_empty() {
            own
        } else {
            alias.to_owned()
        };
        return vec![(path, name)];
    };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, ch) in inner.char_indices() {
        match ch {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| expanded(&format!("{head}{part}")))
        .collect()
}

/// What the `use` lines of a file name.
fn uses(code: &str) -> Vec<(Names, String)> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find("use ") {
        let before = rest[..at].rsplit('\n').next().unwrap_or_default();
        rest = &rest[at + 4..];
        let is_use = before.is_empty() || before.starts_with("pub");
        if let Some((tree, after)) = rest.split_once(';').filter(|_| is_use) {
            found.extend(expanded(&tree.replace('\n', " ")));
            rest = after;
        }
    }
    found
}

/// The paths in code that begin at the crate, at a module above or at the module itself.
fn said(code: &str) -> Vec<Names> {
    let is_name = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    let mut found = Vec::new();
    for word in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(word) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|ch| is_name(ch) || ch == ':') {
                continue;
            }
            let end = code[at..].find(|ch| !is_name(ch) && ch != ':');
            let path = code[at..].get(..end.unwrap_or(code.len() - at));
            let path = path.unwrap_or_default().trim_end_matches(':');
            found.push(names(path));
        }
    }
    found
}

/// The module that a path leads to from another one; through what the file of a module at the top takes from its
/// children, the child.
fn target(from: &[String], path: &[String], taken: &Taken) -> Names {
    let mut base = from.to_vec();
    let mut rest = path.iter();
    let mut next = rest.next();
    while let Some(name) = next.filter(|name| ABOVE.contains(&name.as_str())) {
        match name.as_str() {
            "crate" => base.clear(),
            "super" => drop(base.pop()),
            _ => {}
        }
        next = rest.next();
    }
    while let Some(name) = next {
        base.push(name.clone());
        if !taken.contains_key(&base) {
            base.pop();
            let source = taken.get(&base).and_then(|taken| taken.get(name));
            return match source.filter(|source| base.len() == 1 && *source != path) {
                Some(source) => {
                    let through: Names = source.iter().chain(rest).cloned().collect();
                    target(&base, &through, taken)
                }
                None => base,
            };
        }
        next = rest.next();
    }
    base
}

/// Who needs whom directly below each module at the top of the crate.
fn needs(files: &[(Names, &str)]) -> BTreeMap<String, Needs> {
    let taken: Taken = files
        .iter()
        .map(|(module, code)| {
            let own = uses(code).into_iter().map(|(path, name)| (name, path));
            (module.clone(), own.collect())
        })
        .collect();
    let mut found = BTreeMap::<String, Needs>::new();
    for (module, code) in files {
        let [top, own, ..] = module.as_slice() else {
            continue; // the file of a module at the top
        };
        let is_ours = |path: &Names| ABOVE.contains(&path[0].as_str());
        let paths = uses(code).into_iter().map(|(path, _)| path).filter(is_ours);
        for path in paths.chain(said(code)) {
            let target = target(module, &path, &taken);
            if let [other_top, other, ..] = target.as_slice()
                && other_top == top
                && other != own
            {
                let line = format!("{} says {}", module.join("::"), path.join("::"));
                let needs = found.entry(top.clone()).or_default();
                let needs = needs.entry(own.clone()).or_default();
                needs.entry(other.clone()).or_insert(line);
            }
        }
    }
    found
}

/// The circles: those that can be reached from each other.
fn circles(needs: &Needs) -> BTreeSet<Vec<String>> {
    let reached = |from: &String| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(next) = open.pop() {
            for other in needs.get(next).into_iter().flat_map(BTreeMap::keys) {
                if reached.insert(other.clone()) {
                    open.push(other);
                }
            }
        }
        reached
    };
    let all: BTreeMap<&String, _> = needs.keys().map(|name| (name, reached(name))).collect();
    let circle = |(name, reached): (&&String, &BTreeSet<String>)| {
        reached.contains(*name).then(|| {
            let back = |other: &&String| all.get(other).is_some_and(|it| it.contains(*name));
            reached.iter().filter(back).cloned().collect()
        })
    };
    all.iter().filter_map(circle).collect()
}

/// The circles of a module that are left, and why.
fn listed(module: &str) -> BTreeMap<Vec<String>, &'static str> {
    let circles = LEFT.iter().filter(|circle| circle.module == module);
    let members = circles.map(|circle| (circle.members.split(' '), circle.why));
    members
        .map(|(members, why)| (members.map(str::to_owned).collect(), why))
        .collect()
}

#[test]
fn no_module_goes_round_in_a_circle() {
    let files = files();
    let code = files
        .iter()
        .filter(|file| !file.code.is_empty())
        .map(|File { path, code, .. }| (module_of(path), code.as_str()));
    let needs = needs(&code.collect::<Vec<_>>());
    assert!(needs.len() > 20, "modules were read");
    let mut wrong = String::new();
    for (module, needs) in &needs {
        let (found, listed) = (circles(needs), listed(module));
        for circle in found.iter().filter(|circle| !listed.contains_key(*circle)) {
            let _ = writeln!(wrong, "{module}: {}", circle.join(" "));
            for (name, needs) in needs.iter().filter(|(name, _)| circle.contains(name)) {
                for (_, line) in needs.iter().filter(|(other, _)| circle.contains(other)) {
                    let _ = writeln!(wrong, "    {name}: {line}");
                }
            }
        }
        for (circle, why) in listed.iter().filter(|(circle, _)| !found.contains(*circle)) {
            let circle = circle.join(" ");
            let _ = writeln!(
                wrong,
                "{module}: {circle} ({why}): is not found any more, take it off the list"
            );
        }
    }
    let modules: BTreeSet<_> = LEFT.iter().map(|circle| circle.module).collect();
    for module in modules
        .iter()
        .filter(|module| !needs.contains_key(**module))
    {
        let _ = writeln!(wrong, "{module}: is listed, and uses nothing in itself");
    }
    assert!(
        wrong.is_empty(),
        "circles, see the top of this file:\n{wrong}"
    );
}

#[test]
fn circles_are_found() {
    let found = |files: &[(&str, &str)]| {
        let code = files.iter().map(|(path, code)| (module_of(path), *code));
        let needs = needs(&code.collect::<Vec<_>>());
        let circles = needs.values().flat_map(circles);
        circles.map(|circle| circle.join(" ")).collect::<Vec<_>>()
    };
    let lines = "pub(super) use super::b::{\n    self, C as D,\n};";
    for (a, b) in [
        (lines, "use super::a::X;"),
        ("use crate::m::b::X;", "use crate::m::{a::X, Z};"),
        ("let x = super::b::y();", "let x = crate::m::a::y();"),
        ("use super::Handed;", "use super::{a, Own};"), // through the module's own file
    ] {
        let facade = "use b::Handed;\npub struct Own;";
        let round = [
            ("src/m/mod.rs", facade),
            ("src/m/a.rs", a),
            ("src/m/b.rs", b),
        ];
        assert_eq!(found(&round), ["a b"], "{a} {b}");
        let ends = [
            ("src/m/mod.rs", facade),
            ("src/m/a.rs", a),
            ("src/m/b.rs", "use super::Own;"),
        ];
        assert!(found(&ends).is_empty(), "{a}");
    }
    let deep = [
        ("src/m/mod.rs", ""),
        ("src/m/a/mod.rs", ""),
        ("src/m/a/in.rs", "use super::super::b::X;"),
        ("src/m/b.rs", "use super::c::X;"),
        ("src/m/c.rs", "use super::a::X;"),
        ("src/m/d.rs", "use super::a::X;\nuse super::d2::X;"),
        ("src/m/d2.rs", ""),
    ];
    assert_eq!(found(&deep), ["a b c"]);
}
