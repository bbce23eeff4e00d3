//! Where the boxes of a picture go: layers from left to right, so that every arrow points to the right.
//!
//! Our own, since the crate that fits, `rust-sugiyama`, takes seconds for eighty objects and close to a minute for five
//! hundred. Kinds refer to each other in one direction only, so that a few sweeps over layers give a good picture in
//! nearly linear time:
//!
//! 1. A node's layer is the longest way from it to something that refers to nothing. Edges that span several layers
//!    get a waypoint in each.
//! 2. Each layer is sorted by the middle of its neighbours, forth and back.
//! 3. Each layer is moved as close to its neighbours as the boxes have room.

/// How often the layers are swept over, to sort them and to move them.
const SWEEPS: usize = 8;

/// A place in the picture: a node, or a waypoint of an edge.
#[derive(Clone, Debug)]
pub(super) struct PicturePlace {
    /// From the left: 0 for what nothing on its right refers to.
    pub(super) layer: usize,
    /// The middle, from the top.
    pub(super) y: f64,
}

/// The picture.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// The places of the nodes that have an edge; the others stand nowhere.
    pub(super) nodes: Vec<Option<PicturePlace>>,
    /// The waypoints of each edge, from left to right.
    pub(super) ways: Vec<Vec<PicturePlace>>,
    /// How many layers there are.
    pub(super) layers: usize,
    /// The height of the whole.
    pub(super) height: f64,
}

/// How much room a node and a waypoint take, from top to top.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) node: f64,
    pub(super) waypoint: f64,
}

/// Lays out `nodes` nodes with edges from the first to the second of each pair. Edges that close a circle, which
/// sound manifests do not have, are drawn without counting.
pub(super) fn layout(nodes: usize, edges: &[(usize, usize)], room: Room) -> Layout {
    let layers = layers_of(nodes, edges);
    let mut net = Net::new(nodes, edges, &layers, room);
    for sweep in 0..SWEEPS {
        net.sort(sweep % 2 == 0);
    }
    net.stack();
    for sweep in 0..SWEEPS {
        net.pull(sweep % 2 == 0, sweep < SWEEPS / 2);
    }
    net.finished(nodes)
}

/// The layer of each node from the left, `None` for those without an edge.
fn layers_of(nodes: usize, edges: &[(usize, usize)]) -> Vec<Option<usize>> {
    let mut waits = vec![0usize; nodes];
    let mut users = vec![Vec::new(); nodes];
    let mut is_drawn = vec![false; nodes];
    for (from, to) in edges {
        waits[*from] += 1;
        users[*to].push(*from);
        is_drawn[*from] = true;
        is_drawn[*to] = true;
    }
    let mut heights = vec![0usize; nodes];
    let mut open: Vec<usize> = (0..nodes).filter(|node| waits[*node] == 0).collect();
    while let Some(node) = open.pop() {
        for user in &users[node] {
            heights[*user] = heights[*user].max(heights[node] + 1);
            waits[*user] -= 1;
            if waits[*user] == 0 {
                open.push(*user);
            }
        }
    }
    let highest = heights.iter().copied().max().unwrap_or(0);
    let layer = |node: usize| is_drawn[node].then(|| highest - heights[node]);
    (0..nodes).map(layer).collect()
}

/// Nodes and waypoints, and the edges between neighbouring layers.
struct Net {
    layers: Vec<Vec<usize>>,
    layer: Vec<Option<usize>>,
    left: Vec<Vec<usize>>,
    right: Vec<Vec<usize>>,
    height: Vec<f64>,
    y: Vec<f64>,
    ways: Vec<Vec<usize>>,
}

impl Net {
    fn new(nodes: usize, edges: &[(usize, usize)], layer: &[Option<usize>], room: Room) -> Self {
        let count = layer.iter().flatten().max().map_or(0, |last| last + 1);
        let mut net = Self {
            layers: vec![Vec::new(); count],
            layer: layer.to_vec(),
            left: vec![Vec::new(); nodes],
            right: vec![Vec::new(); nodes],
            height: vec![room.node; nodes],
            y: vec![0.0; nodes],
            ways: Vec::with_capacity(edges.len()),
        };
        for (node, layer) in layer.iter().enumerate() {
            if let Some(layer) = layer {
                net.layers[*layer].push(node);
            }
        }
        for (from, to) in edges {
            let way = net.way(*from, *to, room);
            net.ways.push(way);
        }
        net
    }

    /// The waypoints of an edge; none where it points to a neighbour, or backwards.
    fn way(&mut self, from: usize, to: usize, room: Room) -> Vec<usize> {
        let (Some(start), Some(end)) = (self.layer[from], self.layer[to]) else {
            return Vec::new();
        };
        if end <= start {
            return Vec::new();
        }
        let mut way = Vec::new();
        let mut last = from;
        for layer in start + 1..end {
            let waypoint = self.layer.len();
            self.layer.push(Some(layer));
            self.left.push(Vec::new());
            self.right.push(Vec::new());
            self.height.push(room.waypoint);
            self.y.push(0.0);
            self.layers[layer].push(waypoint);
            self.join(last, waypoint);
            way.push(waypoint);
            last = waypoint;
        }
        self.join(last, to);
        way
    }

    fn join(&mut self, left: usize, right: usize) {
        self.right[left].push(right);
        self.left[right].push(left);
    }

    /// The order of the sweep: from left to right, looking left, or the other way.
    fn order(&self, forth: bool) -> Vec<usize> {
        let layers = 0..self.layers.len();
        if forth {
            layers.collect()
        } else {
            layers.rev().collect()
        }
    }

    fn neighbours(&self, node: usize, forth: bool) -> &[usize] {
        if forth {
            &self.left[node]
        } else {
            &self.right[node]
        }
    }

    /// Sorts each layer by the mean rank of the neighbours on one side.
    fn sort(&mut self, forth: bool) {
        let mut rank = vec![0.0; self.layer.len()];
        for layer in self.order(forth) {
            for (position, node) in (0u32..).zip(&self.layers[layer]) {
                rank[*node] = f64::from(position);
            }
            let mut nodes: Vec<(f64, usize)> = self.layers[layer]
                .iter()
                .map(|node| {
                    (
                        mean(self.neighbours(*node, forth).iter(), &rank, rank[*node]),
                        *node,
                    )
                })
                .collect();
            nodes.sort_by(|a, b| a.0.total_cmp(&b.0)); // stable: ties stay as they are
            self.layers[layer] = nodes.into_iter().map(|(_, node)| node).collect();
            for (position, node) in (0u32..).zip(&self.layers[layer]) {
                rank[*node] = f64::from(position);
            }
        }
    }

    /// Puts each layer on a stack of its own.
    fn stack(&mut self) {
        for layer in &self.layers {
            let mut top = 0.0;
            for node in layer {
                self.y[*node] = top + self.height[*node] / 2.0;
                top += self.height[*node];
            }
        }
    }

    /// Moves each layer towards the neighbours on one side or on both, as far as the order and the room allow.
    fn pull(&mut self, forth: bool, one_sided: bool) {
        for layer in self.order(forth) {
            let wanted: Vec<f64> = self.layers[layer]
                .iter()
                .map(|node| {
                    let near = self.neighbours(*node, forth);
                    let far: &[usize] = if one_sided {
                        &[]
                    } else {
                        self.neighbours(*node, !forth)
                    };
                    mean(near.iter().chain(far), &self.y, self.y[*node])
                })
                .collect();
            let heights: Vec<f64> = self.layers[layer]
                .iter()
                .map(|node| self.height[*node])
                .collect();
            for (node, y) in self.layers[layer].iter().zip(spread(&wanted, &heights)) {
                self.y[*node] = y;
            }
        }
    }

    fn finished(self, nodes: usize) -> Layout {
        let drawn = || self.layers.iter().flatten().copied();
        let edge = |node: usize, side: f64| self.y[node] + side * self.height[node] / 2.0;
        let top = drawn()
            .map(|node| edge(node, -1.0))
            .fold(f64::MAX, f64::min);
        let bottom = drawn().map(|node| edge(node, 1.0)).fold(f64::MIN, f64::max);
        let place = |node: usize| {
            let layer = self.layer[node]?;
            let y = self.y[node] - top;
            Some(PicturePlace { layer, y })
        };
        let ways = self.ways.iter();
        Layout {
            nodes: (0..nodes).map(place).collect(),
            ways: ways
                .map(|way| way.iter().filter_map(|node| place(*node)).collect())
                .collect(),
            layers: self.layers.len(),
            height: (bottom - top).max(0.0),
        }
    }
}

fn mean<'a>(nodes: impl Iterator<Item = &'a usize>, values: &[f64], alone: f64) -> f64 {
    let mut count = 0.0;
    let mut sum = 0.0;
    for node in nodes {
        sum += values[*node];
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { alone }
}

/// The middles closest to the wanted ones, by least squares, of boxes that keep their order and do not overlap:
/// boxes that would are joined to a block, which goes to the mean of what its members want.
fn spread(wanted: &[f64], heights: &[f64]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(wanted.len());
    let mut top = 0.0;
    for height in heights {
        offsets.push(top + height / 2.0);
        top += height;
    }
    // Blocks of the wanted places less the offsets, which must not fall: sum, count.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offsets) {
        let mut block = (want - offset, 1.0, 1);
        while let Some(above) = blocks.pop_if(|above| above.0 / above.1 > block.0 / block.1) {
            block = (above.0 + block.0, above.1 + block.1, above.2 + block.2);
        }
        blocks.push(block);
    }
    let moved = blocks
        .into_iter()
        .flat_map(|(sum, count, members)| std::iter::repeat_n(sum / count, members));
    moved
        .zip(&offsets)
        .map(|(moved, offset)| moved + offset)
        .collect()
}
