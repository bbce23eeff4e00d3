//! `visit`: one visit, and what it is offered.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr as _;

use clap::Args;
use clap::builder::PossibleValuesParser;
use jiff::Zoned;

use crate::cli::ui::Ui;
use crate::cli::{Format, exit};
use crate::kinds::offering::{Assumed, Place};
use crate::kinds::shared::no_one_moment;
use crate::kinds::{Device, Engaged, Geo, VisitorChannel, When};
use crate::offers::{Adviser, VisitOutcome, World, unproven_fields};
use crate::report::scenarios::{AskedVisit, render_visit, render_visit_json};
use crate::run::scenarios::{Assumption, ChosenScenarios, Scenarios, assumption};
use crate::run::visiting::{Attribute, DescribedVisit};
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::text::safe::line;

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
  campaignctl visit --section home --returning true --country France
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
    /// The persona of the visitor. Its attributes are reported.
    #[arg(long, value_name = "NAME")]
    persona: Option<String>,
    /// An engagement attribute. Write `ctmrinfo.ctype=club`, or JSON in the platform's shape. Can be repeated: keys of one type are
    /// reported together.
    #[arg(long = "attribute", value_name = "TYPE.KEY=VALUE", value_parser = Attribute::from_str)]
    attributes: Vec<Attribute>,
    /// The time, with its zone. Without it, the time of the run, which is printed.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Zoned>,
    /// Whether agents are available. One of available, none and unknown; the default, available, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "available", value_parser = PossibleValuesParser::new(["available", "none", "unknown"]))]
    agents: String,
    /// Whether in a control group. One of outside, inside and unknown; the default, outside, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "outside", value_parser = PossibleValuesParser::new(["outside", "inside", "unknown"]))]
    control_group: String,
    /// Whether a conversation is open. One of none, open and unknown; the default, none, is printed.
    #[arg(long, hide_possible_values = true, hide_default_value = true, value_name = "WORD", default_value = "none", value_parser = PossibleValuesParser::new(["none", "open", "unknown"]))]
    conversation: String,
    /// Whether the visitor has signed in.
    #[arg(long, hide_possible_values = true, value_name = "true|false")]
    signed_in: Option<bool>,
    #[command(flatten)]
    known: Box<KnownArgs>,
    /// Assume an inferred fact. Can be repeated.
    #[arg(long = "assume", value_name = "FACT=POSITION", value_parser = assumption)]
    assumed: Vec<Assumption>,
    /// List engagements of other places, too.
    #[arg(long)]
    all: bool,
}

/// What else is known of a visit. What is left out is unknown.
#[derive(Debug, Args)]
struct KnownArgs {
    /// The address of the page.
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The device. One of desktop, tablet and mobile.
    #[arg(hide_short_help = true, long, hide_possible_values = true, value_name = "NAME", value_parser = words(Device::ALL, Device::word))]
    device: Option<String>,
    /// The IP address of the device.
    #[arg(hide_short_help = true, long, value_name = "ADDRESS")]
    ip: Option<IpAddr>,
    /// The country where the platform places the visitor.
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    country: Option<String>,
    /// The state or province.
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    state: Option<String>,
    /// The city.
    #[arg(hide_short_help = true, long, value_name = "NAME")]
    city: Option<String>,
    /// How many people work at the visitor's company.
    #[arg(hide_short_help = true, long, value_name = "NUMBER", value_parser = number)]
    company_size: Option<f64>,
    /// Whether the visitor was here before.
    #[arg(
        hide_short_help = true,
        long,
        hide_possible_values = true,
        value_name = "true|false"
    )]
    returning: Option<bool>,
    /// The address that the visitor came from.
    #[arg(hide_short_help = true, long, value_name = "URL")]
    referral: Option<String>,
    /// What the visitor searched for. Can be repeated; an empty one says nothing was.
    #[arg(hide_short_help = true, long = "search-keyword", value_name = "TEXT")]
    search_keywords: Vec<String>,
    /// The channel that the visitor came by. One of direct, display, email, paidSearch, referral, search and social.
    #[arg(hide_short_help = true, long, hide_possible_values = true, value_name = "NAME", value_parser = words(VisitorChannel::ALL, VisitorChannel::word))]
    channel: Option<String>,
    /// How many seconds the visitor has been on the page.
    #[arg(hide_short_help = true, long, value_name = "NUMBER", value_parser = number)]
    seconds_on_page: Option<f64>,
    /// Whether the visitor is about to leave the page.
    #[arg(
        hide_short_help = true,
        long,
        hide_possible_values = true,
        value_name = "true|false"
    )]
    about_to_abandon: Option<bool>,
    /// What happened to engagements in this session. One of exposed, declined, clicked and interacted. Can be repeated; an empty one
    /// says nothing did.
    #[arg(hide_short_help = true, long, hide_possible_values = true, value_name = "WORD", value_parser = PossibleValuesParser::new(Engaged::ALL.iter().map(|it| it.word()).chain([""])))]
    engaged: Vec<String>,
}

/// The words of a list.
fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|it| word(*it)))
}

/// What a word means.
fn meant<T: Copy>(all: &[T], word: fn(T) -> &'static str, text: Option<&String>) -> Option<T> {
    let text = text?;
    all.iter().copied().find(|it| word(*it) == text)
}

/// A number that can be counted to.
fn number(text: &str) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok();
    let number = number.filter(|it| it.is_finite() && *it >= 0.0);
    number.ok_or_else(|| "write a number from 0 up".to_owned())
}

impl KnownArgs {
    fn when(&self) -> When {
        let geo = Geo {
            country: self.country.clone(),
            state: self.state.clone(),
            city: self.city.clone(),
        };
        // An empty one says that there is none.
        let some = |all: &[String]| -> Option<Vec<String>> {
            let said = all.iter().filter(|it| !it.is_empty()).cloned();
            (!all.is_empty()).then(|| said.collect())
        };
        let engaged = some(&self.engaged).map(|all| {
            let all = all.iter();
            all.filter_map(|it| meant(Engaged::ALL, Engaged::word, Some(it)))
                .collect()
        });
        When {
            url: self.url.clone(),
            device: meant(Device::ALL, Device::word, self.device.as_ref()),
            ip: self.ip.map(|it| it.to_string()),
            geo: (geo != Geo::default()).then_some(geo),
            company_size: self.company_size,
            returning: self.returning,
            referral: self.referral.clone(),
            search_keywords: some(&self.search_keywords),
            channel: meant(
                VisitorChannel::ALL,
                VisitorChannel::word,
                self.channel.as_ref(),
            ),
            seconds_on_page: self.seconds_on_page,
            about_to_abandon: self.about_to_abandon,
            engaged,
            ..When::default()
        }
    }
}

fn time(text: &str) -> Result<Zoned, String> {
    if let Some((why, help)) = no_one_moment(text) {
        return Err(format!("{why}; {help}"));
    }
    text.parse()
        .map_err(|_| "write it as `2026-09-15T12:00:00[Europe/Paris]`".to_owned())
}

impl VisitArgs {
    fn described(&self) -> DescribedVisit {
        DescribedVisit {
            app: self.app.clone(),
            sections: self.sections.clone(),
            persona: self.persona.clone(),
            attributes: self.attributes.clone(),
            at: self.at.clone(),
            agents: self.agents.clone(),
            control_group: self.control_group.clone(),
            conversation: self.conversation.clone(),
            signed_in: self.signed_in,
            known: self.known.when(),
        }
    }
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &VisitArgs) -> Result<u8, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let chosen = ChosenScenarios {
        assumed: &args.assumed,
        ..ChosenScenarios::default()
    };
    let scenarios = Scenarios::find(run, &workspace, chosen)?;
    let world = &scenarios.world;
    let (visit, said) = args.described().visit(world, run.machine().now())?;
    let outcome = VisitOutcome::agreed(world, &visit, &scenarios.assumed);
    let adviser = Adviser::new(world, &visit, &scenarios.assumed);
    misspelt_sections(ui, args, (world, &visit.place, &scenarios.assumed));
    let desired = &scenarios.manifests.desired;
    let unproven = unproven_fields((world, desired), &outcome, &scenarios.assumed);
    let asked = AskedVisit {
        said: &said,
        adviser: &adviser,
        outcome: &outcome,
        world,
        desired,
        unproven: &unproven,
        texts: &scenarios.manifests.texts,
        lists_all: args.all,
    };
    let text = match ui.format() {
        Format::Json => render_visit_json(&asked),
        _ => render_visit(&asked),
    };
    ui.formatted(ui.format(), &text);
    Ok(exit::DONE)
}

/// Says which sections no entry point mentions: such a visit is offered nothing, or what is everywhere.
fn misspelt_sections(
    ui: &Ui,
    args: &VisitArgs,
    (world, place, assumed): (&World, &Place, &Assumed),
) {
    for section in args.sections.iter().filter(|_| world.has_place(place)) {
        if let Err(near) = world.mentions(section, (place, assumed), &BTreeSet::new()) {
            let near = near.map_or_else(String::new, |it| format!("; did you mean `{it}`?"));
            let said = format!("note: no entry point mentions the section `{section}`{near}");
            ui.note(&line(&said));
        }
    }
}
