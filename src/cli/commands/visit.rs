//! `visit`: one visit, and what it is offered.

use std::path::PathBuf;

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Zoned;
use serde_json::Value;

use crate::cli::test::{assumption, assumptions};
use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::diag::did_you_mean;
use crate::kinds::offering::{Answer, Datum, Fact, Place};
use crate::kinds::shared::{attribute, no_one_moment};
use crate::offers::{Outcome, Visit, World};
use crate::report::scenarios::{Asked, render_visit, render_visit_json};
use crate::run::manifests::{Manifests, tests_apart};
use crate::run::workspace::{UNUSABLE, Workspace, refuse};
use crate::run::{Error, Run};

/// Show what a visit is offered, and why. Needs no account and no credentials.
///
/// Lists each engagement with yes, no or unknown, the condition that decided, and what would have to change. What the
/// visit does not say is unknown. Where that leaves an engagement undecided, the missing fact is named. Nothing is
/// written.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl visit --app 'Shop iOS' --section orders        in an app
  campaignctl visit --section basket --url https://shop.example/basket   on web pages
  campaignctl visit --app 'Shop iOS' --section home --persona club-member
  campaignctl visit --section home --attribute ctmrinfo.ctype=club
  campaignctl visit --section home --at '2026-09-15T12:00:00[Europe/Paris]'")]
pub(in crate::cli) struct VisitArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The app, by its live name. Without it, the visit is on web pages.
    #[arg(long, value_name = "NAME")]
    app: Option<String>,
    /// A section that is reported. Can be repeated; an empty one says that none is.
    #[arg(long = "section", value_name = "NAME")]
    sections: Vec<String>,
    /// The address of the page.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The persona of the visitor. Its attributes are reported.
    #[arg(long, value_name = "NAME")]
    persona: Option<String>,
    /// An engagement attribute. Write `ctmrinfo.ctype=club`, or JSON in the platform's shape. Can be repeated: keys of one type are
    /// reported together.
    #[arg(long = "attribute", value_name = "TYPE.KEY=VALUE", value_parser = read)]
    attributes: Vec<Reported>,
    /// The time, with its zone. Without it, the time of the run, which is printed.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Zoned>,
    /// The device. One of desktop, tablet and mobile.
    #[arg(long, hide_possible_values = true, value_name = "NAME", value_parser = PossibleValuesParser::new(["desktop", "tablet", "mobile"]))]
    device: Option<String>,
    /// Whether agents are available. One of available, none and unknown; the default, available, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "available", value_parser = PossibleValuesParser::new(["available", "none", "unknown"]))]
    agents: String,
    /// Whether in a control group. One of outside, inside and unknown; the default, outside, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "outside", value_parser = PossibleValuesParser::new(["outside", "inside", "unknown"]))]
    control_group: String,
    /// Whether a conversation is open. One of none, open and unknown; the default, none, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "none", value_parser = PossibleValuesParser::new(["none", "open", "unknown"]))]
    conversation: String,
    /// Assume an inferred fact. Can be repeated.
    #[arg(long = "assume", value_name = "FACT=POSITION", value_parser = assumption)]
    assumed: Vec<(String, String)>,
    /// List engagements of other places, too.
    #[arg(long)]
    all: bool,
}

/// An attribute as it is given.
#[derive(Clone, Debug)]
enum Reported {
    /// One in the platform's shape, reported for itself.
    Whole(Value),
    /// A key of one.
    Key(Value),
}

fn read(text: &str) -> Result<Reported, String> {
    if text.trim_start().starts_with('{') {
        let whole = text.parse().map(Reported::Whole);
        return whole.map_err(|error| format!("it is not JSON: {error}"));
    }
    let parts = text.split_once('=').and_then(|(name, value)| {
        let (of, key) = name.split_once('.')?;
        Some((of, key, value))
    });
    let (of, key, value) = parts.ok_or("write it as `ctmrinfo.ctype=club`, or as JSON")?;
    attribute(of, key, value).map(Reported::Key)
}

/// Adds the keys of an attribute to another one of its type; gives it back where that is of another type or has one of them.
fn merge(known: &mut Value, new: Value) -> Option<Value> {
    if known.get("type") != new.get("type") {
        return Some(new);
    }
    let mut merged = known.clone();
    for (key, value) in new.as_object().into_iter().flatten() {
        match (merged.get_mut(key), value) {
            (Some(Value::Object(inner)), Value::Object(more))
                if more.keys().all(|key| !inner.contains_key(key)) =>
            {
                inner.extend(more.clone());
            }
            (Some(_), _) if key == "type" => {}
            (Some(_), _) => return Some(new),
            (None, value) => merged[key] = value.clone(),
        }
    }
    *known = merged;
    None
}

fn time(text: &str) -> Result<Zoned, String> {
    if let Some((why, help)) = no_one_moment(text) {
        return Err(format!("{why}; {help}"));
    }
    text.parse()
        .map_err(|_| "write it as `2026-09-15T12:00:00[Europe/Paris]`".to_owned())
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &VisitArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let mut manifests = workspace.readable_manifests(run)?;
    tests_apart(&mut manifests);
    refuse(run, &manifests.diags, &manifests.texts, UNUSABLE)?;
    let Manifests { texts, desired, .. } = manifests;
    let world = World::of(&desired);
    let (visit, said) = visit(run, args, &world)?;
    let outcome = Outcome::agreed(&world, &visit, &assumptions(&workspace, &args.assumed));
    let asked = Asked {
        said: &said,
        outcome: &outcome,
        world: &world,
        desired: &desired,
        texts: &texts,
        lists_all: args.all,
    };
    let text = match ui.format() {
        Format::Json => render_visit_json(&asked),
        _ => render_visit(&asked),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}

type Said = Vec<(&'static str, String)>;

/// The visit, and what is said of it.
fn visit(run: &Run, args: &VisitArgs, world: &World) -> Result<(Visit, Said), Error> {
    let place = place(args, world)?;
    let mut said: Said = vec![("Visit", place.to_string())];
    let mut visit = Visit::new(place);
    if args.sections.is_empty() {
        said.push(("Sections", "not given".to_owned()));
    } else {
        let names = args.sections.iter().filter(|name| !name.is_empty());
        let names: Vec<String> = names.cloned().collect();
        said.push(("Sections", or_none(names.join(", "))));
        let texts = names.into_iter().map(Datum::Text).collect();
        visit.facts.insert(Fact::Sections, Answer::Known(texts));
    }
    let attributes = attributes(args, world)?;
    said.extend(args.persona.clone().map(|name| ("Visitor", name)));
    let shown: Vec<String> = attributes.iter().map(Value::to_string).collect();
    said.push(("Attributes", or_none(shown.join(", "))));
    let given = [
        ("Address", Fact::Url, &args.url),
        ("Device", Fact::Device, &args.device),
    ];
    for (name, fact, value) in given {
        if let Some(value) = value {
            visit.facts.insert(fact, Answer::text(value));
            said.push((name, value.clone()));
        }
    }
    visit.report(&attributes, &[]);
    let states = [
        ("Agents", Fact::Agents, &args.agents),
        ("Control group", Fact::ControlGroup, &args.control_group),
        ("Conversation", Fact::Conversation, &args.conversation),
    ];
    for (name, fact, word) in states {
        if word != "unknown" {
            visit.facts.insert(fact, Answer::text(word));
        }
        said.push((name, word.clone()));
    }
    let at = args.at.as_ref().map(Zoned::timestamp);
    let at = at.unwrap_or_else(|| run.machine().now());
    let time = args.at.as_ref().map(Zoned::to_string);
    let time = time.unwrap_or_else(|| format!("{at:.0}, the time of this run"));
    visit.at = Some(at);
    said.push(("Time", time));
    Ok((visit, said))
}

/// Where the visit is: web pages, or an app that an engagement is shown in.
fn place(args: &VisitArgs, world: &World) -> Result<Place, Error> {
    let place = args.app.clone().map_or(Place::Web, Place::App);
    match &place {
        Place::App(name) if !world.has_place(&place) => {
            let near = did_you_mean(name, world.apps());
            let near = near
                .unwrap_or_else(|| "name an app installation that an engagement has".to_owned());
            let why = format!("no engagement is shown in the app `{name}`");
            Err(Error::invalid(why).help(near))
        }
        _ => Ok(place),
    }
}

/// The attributes of the persona, and those that are given.
fn attributes(args: &VisitArgs, world: &World) -> Result<Vec<Value>, Error> {
    let mut attributes = Vec::new();
    if let Some(name) = &args.persona {
        let persona = world.persona(name);
        let persona =
            persona.ok_or_else(|| Error::invalid(format!("no persona is named `{name}`")))?;
        attributes.extend_from_slice(persona);
    }
    for reported in &args.attributes {
        let left = match reported {
            Reported::Whole(whole) => Some(whole.clone()),
            // A later report of a type replaces an earlier one, with all keys: these belong together.
            Reported::Key(new) => {
                let known = attributes.iter_mut().rev();
                let mut known = known.filter(|it| it.get("type") == new.get("type"));
                match known.next() {
                    Some(known) => merge(known, new.clone()),
                    None => Some(new.clone()),
                }
            }
        };
        attributes.extend(left);
    }
    Ok(attributes)
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}
