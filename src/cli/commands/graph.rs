//! `graph`: which object refers to which, as a picture.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::selecting::SelectionArgs;
use crate::cli::ui::Ui;
use crate::cli::uses::named;
use crate::cli::{Format, exit, file_names, runtime};
use crate::kinds::KindId;
use crate::live::Ledger;
use crate::report::graph::{Graph, READABLE, render_dot, render_mermaid, render_svg};
use crate::run::users::of_object;
use crate::run::workspace::Workspace;
use crate::run::{Error, Run};
use crate::run::{outputs, saved};
use crate::text::safe::{json, line};

/// Draw which object refers to which. In the manifests, in what a saved plan changes and affects, or around one
/// object and its users. Needs no account and no credentials, except for `--users` with `-e`.
///
/// Arrows point from an object to what it refers to; thick arrows to the campaign of an engagement.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  campaignctl graph -o graph.svg              a picture, light or dark like the browser
  campaignctl graph | dot -Tpng > graph.png   DOT, for Graphviz
  campaignctl graph --format mermaid          for Markdown on GitHub and GitLab
  campaignctl graph --plan plan.json -o plan.svg   what a plan changes, coloured by action, and what it affects
  campaignctl graph --target Campaign/sale    one object, and what it refers to
  campaignctl graph --users Goal/sold -o uses.svg  an object and who uses it
  campaignctl graph --format json             nodes and edges, for a program")]
pub(in crate::cli) struct GraphArgs {
    /// Files, folders, or `-` for standard input.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Draw a saved plan instead of the manifests. Only the file is read.
    #[arg(long, value_name = "FILE", conflicts_with = "paths")]
    plan: Option<PathBuf>,
    /// Draw an object and who uses it, as `uses` lists them.
    #[arg(long, value_name = "KIND/NAME", add = crate::cli::completing::used_keys(), value_parser = named, conflicts_with = "plan")]
    users: Option<(KindId, String)>,
    /// Write the graph to a file. Without `--format`, the file extension sets the format: `.svg`, `.mmd`, `.json` or
    /// `.dot`.
    #[arg(short, long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draw every object of a large picture. Without it, an SVG of more than 300 objects has one box per campaign, with
    /// its engagements inside.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    pub(in crate::cli) selecting: SelectionArgs,
}

/// Runs the command.
pub(in crate::cli) fn run(ui: &Ui, run: &Run, args: &GraphArgs) -> Result<u8, Error> {
    let format = match &args.out {
        Some(file) if ui.format() == Format::Text => by_ending(file)?,
        _ => ui.format(),
    };
    if let Some(file) = &args.out {
        outputs::allowed(run.outputs(), file, outputs::OutputFlag::GRAPH)?;
    }
    let graph = match (&args.plan, &args.users) {
        (None, None) => of_manifests(run, args)?,
        _ if !args.selecting.is_empty() => return Err(whole(args)),
        (Some(file), _) => Graph::of_plan(&saved::read_in(run, file)?),
        (None, Some(object)) => {
            Graph::of_uses(&runtime()?.block_on(of_object(run, &args.paths, object))?)
        }
    };
    file_names::warn_of_format(ui, args.out.as_deref());
    let text = match format {
        Format::Json => json(&graph),
        Format::Mermaid => render_mermaid(&graph),
        Format::Svg => render_svg(&readable(ui, graph, args.full)),
        _ => render_dot(&graph),
    };
    match &args.out {
        Some(file) => outputs::write(file, &text, outputs::OutputFlag::GRAPH)?,
        None => ui.raw(&text),
    }
    Ok(exit::DONE)
}

/// What is drawn as a whole takes no selection.
fn whole(args: &GraphArgs) -> Error {
    let (what, help) = match args.plan {
        Some(_) => ("a saved plan is", "select objects when you make the plan"),
        None => (
            "the users of an object are",
            "leave out the flags that select objects",
        ),
    };
    Error::invalid(format!("{what} drawn as a whole")).help(help)
}

fn of_manifests(run: &Run, args: &GraphArgs) -> Result<Graph, Error> {
    let workspace = Workspace::find(run, &args.paths)?;
    let manifests = workspace.sound_manifests(run)?;
    let (environment, ledger) = (run.environment(), Ledger::new("", ""));
    let subset = args.selecting.subset();
    let selection = subset.selection(run, &workspace, environment, &manifests, &ledger)?;
    Ok(Graph::of_manifests(&manifests.desired, |key| {
        selection.has(key)
    }))
}

/// The graph that a picture shows: folded, where nobody could read it otherwise.
fn readable(ui: &Ui, graph: Graph, full: bool) -> Graph {
    if full || graph.nodes.len() <= READABLE {
        return graph;
    }
    let folded = graph.folded();
    ui.note(&format!(
        "{} objects are drawn as {} boxes: engagements inside their campaigns. `--full` draws each, `--target` a part.",
        graph.nodes.len(),
        folded.nodes.len()
    ));
    folded
}

/// The form that the name of a file asks for; DOT for a name without an ending.
fn by_ending(file: &Path) -> Result<Format, Error> {
    let ending = file
        .extension()
        .map(|it| it.to_string_lossy().to_ascii_lowercase());
    match ending.as_deref() {
        Some("svg") => Ok(Format::Svg),
        Some("mmd" | "mermaid") => Ok(Format::Mermaid),
        Some("json") => Ok(Format::Json),
        Some("dot" | "gv") | None => Ok(Format::Dot),
        Some(other) => {
            let why = format!("`graph` cannot write a `.{}` file", line(other));
            let help = match other {
                "png" | "pdf" | "jpg" | "jpeg" => format!(
                    "Graphviz draws it: `campaignctl graph --format dot | dot -T{other} > graph.{other}`; or write `.svg`"
                ),
                _ => "use `.svg`, `.mmd`, `.json` or `.dot`, or choose the format with `--format`"
                    .to_owned(),
            };
            Err(Error::invalid(why).help(help))
        }
    }
}
