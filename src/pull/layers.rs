//! The texts that one manifest is made of: its base and what overlays write over it.

use serde_json::Value;

use crate::diag::Texts;
use crate::manifest::Key;
use crate::resolve::raw_key;
use crate::text::{Document, FileId, Limits, Pointer, yaml};

/// One document of a manifest, as it is in its file.
#[derive(Clone, Debug)]
pub(super) struct Layer {
    pub(super) file: FileId,
    /// Its number among the documents of the file.
    pub(super) index: usize,
    /// What it says, variables not filled in.
    pub(super) value: Value,
}

/// A change of one value in one document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct LayerChange {
    pub(super) file: FileId,
    pub(super) index: usize,
    pub(super) pointer: Pointer,
    /// The new value; nothing when the entry goes.
    pub(super) new: Option<Value>,
    /// Whether it comes to what is there: further fields of an object, further items of a list.
    pub(super) joins: bool,
}

/// The documents of a manifest, lowest first.
pub(super) fn layers(texts: &Texts, document: &Document, key: &Key) -> Vec<Layer> {
    let wanted = (key.kind.name().to_owned(), key.name.to_string());
    let files = document.files().into_iter();
    let found = files.filter_map(|file| {
        let text = &texts.sources.get(file).text;
        let (documents, _) = yaml::parse(file, text, &Limits::default());
        let mut documents = documents.into_iter().enumerate();
        let (index, found) = documents.find(|(_, it)| raw_key(it).as_ref() == Some(&wanted))?;
        Some(Layer {
            file,
            index,
            value: found.into_value(),
        })
    });
    found.collect()
}

/// What has to change in which document, so that a value becomes another one.
pub(super) fn pieces(layers: &[Layer], at: &Pointer, old: &Value, new: &Value) -> Vec<LayerChange> {
    let mut pieces = Vec::new();
    collect(
        layers,
        at,
        Some(old),
        Some(new).filter(|new| !new.is_null()),
        &mut pieces,
    );
    pieces
}

fn collect(
    layers: &[Layer],
    at: &Pointer,
    old: Option<&Value>,
    new: Option<&Value>,
    pieces: &mut Vec<LayerChange>,
) {
    if old == new {
        return;
    }
    if let (Some(Value::Object(old)), Some(Value::Object(new))) = (old, new)
        && !new.is_empty()
    {
        let added = new.keys().filter(|key| !old.contains_key(*key));
        for key in old.keys().chain(added) {
            collect(layers, &at.key(key), old.get(key), new.get(key), pieces);
        }
        return;
    }
    pieces.extend(piece(layers, at, new));
}

/// The change of one value, in the topmost document that says it; what none says yet goes into the lowest one that has
/// the mapping around it.
pub(super) fn piece(layers: &[Layer], at: &Pointer, new: Option<&Value>) -> Option<LayerChange> {
    let says = |layer: &&Layer| at.get(&layer.value).is_some();
    let below = |layer: &&Layer| at.get(&layer.value).is_some_and(|it| !it.is_null());
    let top = layers.iter().rposition(|layer| says(&layer));
    let (layer, new) = match (top, new) {
        (Some(top), Some(new)) => (&layers[top], Some(new.clone())),
        // Without the entry, that of a lower document would count.
        (Some(top), None) if layers[..top].iter().any(|it| below(&it)) => {
            (&layers[top], Some(Value::Null))
        }
        (Some(top), None) => (&layers[top], None),
        (None, Some(new)) => {
            let around = at.parent()?;
            let has = |layer: &&Layer| around.get(&layer.value).is_some_and(Value::is_object);
            let lowest = layers.iter().find(has).or_else(|| layers.first())?;
            (lowest, Some(new.clone()))
        }
        (None, None) => return None,
    };
    Some(LayerChange {
        file: layer.file,
        index: layer.index,
        pointer: at.clone(),
        new,
        joins: false,
    })
}
