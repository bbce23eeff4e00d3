//! The graph as a picture of its own, light and dark.
//!
//! Every shape and text has its colour as an attribute, because viewers other than browsers know little or no CSS and draw
//! what they cannot style in black. The style sheet only adds what a browser knows: the dark colours and hovering.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::layout::{Layout, PicturePlace, Room, layout};
use super::{Graph, GraphNode, colors, word};
use crate::plan::Action;
use crate::text::safe::html as escaped;

/// The box of a node, the gaps around it, and the margin of the picture.
const WIDTH: f64 = 216.0;
const HEIGHT: f64 = 40.0;
const GAP: f64 = 12.0;
const BETWEEN: f64 = 104.0;
const MARGIN: f64 = 24.0;
/// How many nodes without an edge stand side by side, at least.
const ABREAST: usize = 4;
/// How many characters of a name are shown.
const NAME: usize = 27;
/// The room of the legend.
const LEGEND: f64 = 36.0;

const STYLE: &str = include_str!("svg.css");
const FONT: &str = "system-ui, 'Segoe UI', Helvetica, Arial, sans-serif";
const TEXT: &str = "#1c1f24";

/// The graph as SVG.
#[must_use]
pub fn render_svg(graph: &Graph) -> String {
    let numbers: BTreeMap<&str, usize> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(number, node)| (node.id.as_str(), number))
        .collect();
    let edges: Vec<(usize, usize)> = graph
        .edges
        .iter()
        .map(|edge| (numbers[edge.from.as_str()], numbers[edge.to.as_str()]))
        .collect();
    let room = Room {
        node: HEIGHT + GAP,
        waypoint: GAP,
    };
    let layout = layout(graph.nodes.len(), &edges, room);
    Picture::new(graph, &edges, &layout).drawn()
}

/// A picture while it is drawn.
struct Picture<'a> {
    graph: &'a Graph,
    edges: &'a [(usize, usize)],
    layout: &'a Layout,
    /// The actions that need a legend.
    actions: BTreeSet<Action>,
    /// Where the layers begin, below the legend.
    top: f64,
}

impl<'a> Picture<'a> {
    fn new(graph: &'a Graph, edges: &'a [(usize, usize)], layout: &'a Layout) -> Self {
        let actions: BTreeSet<Action> = graph.nodes.iter().filter_map(|it| it.action).collect();
        let top = MARGIN + if actions.is_empty() { 0.0 } else { LEGEND };
        Self {
            graph,
            edges,
            layout,
            actions,
            top,
        }
    }

    fn drawn(&self) -> String {
        let alone: Vec<&GraphNode> = (self.graph.nodes.iter())
            .zip(&self.layout.nodes)
            .filter_map(|(node, place)| place.is_none().then_some(node))
            .collect();
        let columns = self.layout.layers.max(ABREAST.min(alone.len()));
        let rows = alone.len().div_ceil(columns.max(1));
        let below = self.top + self.layout.height + if self.layout.layers > 0 { GAP } else { 0.0 };
        let width = 2.0 * MARGIN + x(columns) - x(0) - BETWEEN;
        let height = below + number(rows) * (HEIGHT + GAP) - GAP + MARGIN;
        let (width, height) = (width.max(2.0 * MARGIN), height.max(2.0 * MARGIN));
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" font-family=\"{FONT}\" font-size=\"13\" font-weight=\"500\" fill=\"{TEXT}\" width=\"{width}\" height=\"{height:.0}\" viewBox=\"0 0 {width} {height:.0}\" role=\"img\" aria-label=\"Dependency graph: {} objects, {} references\">\n<style>\n{STYLE}</style>\n<rect class=\"ground\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
            self.graph.nodes.len(),
            self.graph.edges.len()
        );
        self.legend(&mut out);
        self.lines(&mut out);
        for (node, place) in self.graph.nodes.iter().zip(&self.layout.nodes) {
            if let Some(PicturePlace { layer, y }) = place {
                boxed(node, x(*layer), self.top + y - HEIGHT / 2.0, &mut out);
            }
        }
        for (index, node) in alone.into_iter().enumerate() {
            let top = below + number(index / columns) * (HEIGHT + GAP);
            boxed(node, x(index % columns), top, &mut out);
        }
        out.push_str("</svg>\n");
        out
    }

    fn legend(&self, out: &mut String) {
        for (index, action) in self.actions.iter().enumerate() {
            let (left, word) = (MARGIN + number(index) * 92.0, word(*action));
            let (fill, stroke) = colors(*action);
            let _ = writeln!(
                out,
                "<g class=\"{word}\"><rect x=\"{left}\" y=\"{MARGIN}\" width=\"14\" height=\"14\" rx=\"3\" fill=\"{fill}\" stroke=\"{stroke}\"/><text x=\"{}\" y=\"{}\">{word}</text></g>",
                left + 20.0,
                MARGIN + 11.0
            );
        }
    }

    /// The edges, below the boxes.
    fn lines(&self, out: &mut String) {
        let edges = self.graph.edges.iter().zip(self.edges);
        out.push_str("<g fill=\"none\" stroke=\"#b6bcc6\" stroke-width=\"1.2\">\n");
        for ((edge, (from, to)), way) in edges.zip(&self.layout.ways) {
            let (Some(from), Some(to)) = (&self.layout.nodes[*from], &self.layout.nodes[*to])
            else {
                continue;
            };
            let thick = if edge.inside {
                " stroke-width=\"2.4\""
            } else {
                ""
            };
            let mut path = String::new();
            let mut at = (x(from.layer) + WIDTH, self.top + from.y);
            let _ = write!(path, "M{:.0} {:.0}", at.0, at.1);
            for place in way {
                let (left, y) = (x(place.layer), self.top + place.y);
                curve(at, (left, y), &mut path);
                let _ = write!(path, "H{:.0}", left + WIDTH);
                at = (left + WIDTH, y);
            }
            curve(at, (x(to.layer), self.top + to.y), &mut path);
            let _ = writeln!(
                out,
                "<path{thick} d=\"{path}\"><title>{} → {}</title></path>",
                escaped(&edge.from),
                escaped(&edge.to)
            );
        }
        out.push_str("</g>\n");
    }
}

fn curve(from: (f64, f64), to: (f64, f64), path: &mut String) {
    let bend = ((to.0 - from.0) / 2.0).abs().max(BETWEEN / 2.0);
    let _ = write!(
        path,
        "C{:.0} {:.0} {:.0} {:.0} {:.0} {:.0}",
        from.0 + bend,
        from.1,
        to.0 - bend,
        to.1,
        to.0,
        to.1
    );
}

fn boxed(node: &GraphNode, left: f64, top: f64, out: &mut String) {
    let classes = [
        Some("node"),
        node.action.map(word),
        node.live.then_some("live"),
    ];
    let classes: Vec<&str> = classes.into_iter().flatten().collect();
    let shown = node.display_name.as_deref().unwrap_or_default();
    let live = if node.live { ", live" } else { "" };
    let (fill, stroke) = node.action.map_or(("#f7f8fa", "#c9ced6"), colors);
    let width = if node.live {
        " stroke-width=\"2.5\""
    } else {
        ""
    };
    let _ = writeln!(
        out,
        "<g class=\"{}\" transform=\"translate({left:.0} {top:.0})\"><title>{} {}{live}</title><rect width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\" fill=\"{fill}\" stroke=\"{stroke}\"{width}/><text class=\"kind\" font-size=\"10.5\" font-weight=\"400\" fill=\"#646b76\" x=\"12\" y=\"16\">{}</text><text x=\"12\" y=\"31\">{}</text></g>",
        classes.join(" "),
        escaped(&node.id),
        escaped(shown),
        kind_line(node),
        escaped(&cut(&node.name))
    );
}

/// The kind, and how much is folded into the box.
fn kind_line(node: &GraphNode) -> String {
    let live = if node.live { ", live" } else { "" };
    match node.holds {
        0 => format!("{}{live}", node.kind),
        holds => format!("{}, {holds} inside{live}", node.kind),
    }
}

/// A name that fits into the box.
fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.to_owned();
    }
    let head: String = name.chars().take(NAME - 1).collect();
    format!("{head}…")
}

/// The left side of a layer.
fn x(layer: usize) -> f64 {
    MARGIN + number(layer) * (WIDTH + BETWEEN)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
