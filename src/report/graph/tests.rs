//! The forms of a small graph, and where its boxes go.

use insta::assert_snapshot;

use super::layout::{Room, layout};
use super::{Edge, FORMAT, Graph, GraphNode, render_dot, render_mermaid, render_svg};
use crate::kinds::KindId;
use crate::plan::Action;

fn node(kind: &str, name: &str, action: Option<Action>) -> GraphNode {
    GraphNode {
        id: format!("{kind}/{name}"),
        kind: KindId::named(kind).unwrap(),
        name: name.to_owned(),
        display_name: None,
        action,
        live: action == Some(Action::Update),
        holds: 0,
    }
}

fn graph() -> Graph {
    let mut goal = node("Goal", "sold", Some(Action::Create));
    goal.display_name = Some("\"Sold\" </title><script>".to_owned());
    let edge = |from: &str, to: &str, inside| Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        inside,
    };
    Graph {
        format: FORMAT,
        nodes: vec![
            goal,
            node("Campaign", "sale", Some(Action::Update)),
            node("Engagement", "sale_help", None),
            node("ApiHandoff", "alone", None),
        ],
        edges: vec![
            edge("Campaign/sale", "Goal/sold", false),
            edge("Engagement/sale_help", "Campaign/sale", true),
        ],
    }
}

#[test]
fn graphviz_gets_quoted_names_and_colors() {
    assert_snapshot!(render_dot(&graph()), @r##"
    digraph campaignctl {
      rankdir=LR;
      node [shape=box, style="rounded,filled", fillcolor=white, color="#8a8f98", fontname="Helvetica"];
      edge [color="#8a8f98"];

      "Goal/sold" [label="Goal\nsold", tooltip="\"Sold\" </title><script>", fillcolor="#dcf5e3", color="#1a7f42"];
      "Campaign/sale" [label="Campaign\nsale", fillcolor="#fdf0cf", color="#9a6700", penwidth=2];
      "Engagement/sale_help" [label="Engagement\nsale_help"];
      "ApiHandoff/alone" [label="ApiHandoff\nalone"];

      "Campaign/sale" -> "Goal/sold";
      "Engagement/sale_help" -> "Campaign/sale" [style=bold];
    }
    "##);
}

#[test]
fn mermaid_gets_numbers_and_classes() {
    assert_snapshot!(render_mermaid(&graph()), @r#"
    flowchart LR
      n0["Goal<br>sold"]:::create
      n1["Campaign<br>sale"]:::update
      n2["Engagement<br>sale#95;help"]
      n3["ApiHandoff<br>alone"]
      n1 --> n0
      n2 ==> n1
      classDef create fill:#dcf5e3,stroke:#1a7f42,color:#1c1e21
      classDef update fill:#fdf0cf,stroke:#9a6700,color:#1c1e21
    "#);
}

#[test]
fn a_picture_keeps_other_peoples_text_as_text() {
    let svg = render_svg(&graph());
    assert!(!svg.contains("<script"), "{svg}");
    assert!(svg.contains("&quot;Sold&quot; &lt;/title&gt;&lt;script&gt;"));
    assert_eq!(svg, render_svg(&graph()), "not the same bytes");
    let boxes: Vec<&str> = svg
        .lines()
        .filter(|it| it.contains("class=\"node"))
        .collect();
    let places: Vec<&str> = boxes.iter().filter_map(|it| it.split('"').nth(3)).collect();
    assert_snapshot!(places.join("\n"), @"
    translate(664 66)
    translate(344 66)
    translate(24 66)
    translate(24 124)
    ");
}

/// Viewers that know no style sheet, or drop what they do not know of it, must not paint it black.
#[test]
fn every_shape_of_a_picture_has_its_own_color() {
    let svg = render_svg(&graph());
    let (_, drawing) = svg.split_once("</style>").unwrap();
    for shape in drawing.split('<').filter(|it| it.starts_with("rect")) {
        assert!(shape.contains(" fill=\"#"), "{shape}");
    }
    let (_, lines) = drawing.split_once("<g fill=\"none\" stroke=\"#").unwrap();
    assert_eq!(
        lines.split_once("</g>").unwrap().0.matches("<path").count(),
        drawing.matches("<path").count(),
        "an arrow without a color"
    );
    assert!(svg.starts_with("<svg ") && svg.split('>').next().unwrap().contains(" fill=\"#"));
    assert!(!svg.contains("var("), "a color that only browsers know");
}

#[test]
fn an_empty_graph_is_drawn_as_well() {
    let empty = Graph::default();
    assert!(render_svg(&empty).contains("0 objects, 0 references"));
    assert_snapshot!(render_mermaid(&empty), @"flowchart LR");
}

#[test]
fn boxes_of_a_layer_never_overlap_and_arrows_point_right() {
    let room = Room {
        node: 50.0,
        waypoint: 10.0,
    };
    // Ten layers of ten, each node referring to some of all layers behind it.
    let edges: Vec<(usize, usize)> = (0..100_usize)
        .flat_map(|from| (1..5).map(move |step| (from, from + step * step * 7 + 3)))
        .filter(|(_, to)| *to < 100)
        .collect();
    let drawn = layout(100, &edges, room);
    let places: Vec<_> = drawn.nodes.iter().flatten().collect();
    assert_eq!(places.len(), 100);
    for (index, a) in places.iter().enumerate() {
        for b in &places[index + 1..] {
            let apart = (a.y - b.y).abs() >= room.node - 0.001;
            assert!(a.layer != b.layer || apart, "{a:?} {b:?}");
        }
        assert!(a.y >= room.node / 2.0 - 0.001 && a.y <= drawn.height - room.node / 2.0 + 0.001);
    }
    for ((from, to), way) in edges.iter().zip(&drawn.ways) {
        let layer = |node: usize| drawn.nodes[node].as_ref().unwrap().layer;
        assert_eq!(way.len(), layer(*to) - layer(*from) - 1);
    }
}

#[test]
fn a_circle_ends() {
    let room = Room {
        node: 50.0,
        waypoint: 10.0,
    };
    let drawn = layout(3, &[(0, 1), (1, 0), (1, 2)], room);
    assert_eq!(drawn.nodes.iter().flatten().count(), 3);
}
