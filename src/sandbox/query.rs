//! Which parts of a row an answer holds: `field_set`, `fields` and `select` (platform.md#query-parameters).
//!
//! `fields` names top-level fields and refuses unknown ones; `select` is the projection language
//! `id,name,data(lang,title)` with the aliases `$all`, `$summary` and `$summaryDeleted`, and leaves
//! unknown fields out without a word. `select` wins over `fields`, `fields` over `field_set`.

use serde_json::{Map, Value};

use super::call::IncomingCall;
use super::errors::RefusedRequest;

/// What an answer shows of each row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Projection {
    /// The whole row.
    All,
    /// The fields of the bare list.
    Summary,
    /// Fields by name.
    Fields(Vec<String>),
    /// A parsed `select`.
    Select(Vec<SelectedField>),
}

/// A field of a `select`, with what is selected inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectedField {
    name: String,
    inner: Vec<Self>,
}

/// The projection of a call and whether it asks for deleted rows too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SelectProjection {
    /// What is shown of each row.
    pub(super) projection: Projection,
    /// Whether deleted rows are shown.
    pub(super) include_deleted: bool,
}

impl SelectProjection {
    /// Reads the view of a call; `default` serves when the call does not say.
    pub(super) fn of(call: &IncomingCall, default: Projection) -> Result<Self, RefusedRequest> {
        let mut include_deleted = match call.param("include_deleted") {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                return Err(RefusedRequest::bad_request(format!(
                    "include_deleted is true or false, not `{other}`"
                )));
            }
        };
        let projection = match call.param("select") {
            Some("$all") => Projection::All,
            Some("$summary") => Projection::Summary,
            Some("$summaryDeleted") => {
                include_deleted = true;
                Projection::Summary
            }
            Some(text) => Projection::Select(parse_select(text)?),
            None => fields_or_set(call, default)?,
        };
        Ok(Self {
            projection,
            include_deleted,
        })
    }
}

fn fields_or_set(call: &IncomingCall, default: Projection) -> Result<Projection, RefusedRequest> {
    let fields: Vec<String> = call
        .params("fields")
        .flat_map(|list| list.split(','))
        .map(|field| field.trim().to_owned())
        .filter(|field| !field.is_empty())
        .collect();
    if !fields.is_empty() {
        return Ok(Projection::Fields(fields));
    }
    match call.param("field_set") {
        None => Ok(default),
        Some("all") => Ok(Projection::All),
        Some("summary") => Ok(Projection::Summary),
        Some(other) => Err(RefusedRequest::bad_request(format!(
            "field_set is all or summary, not `{other}`"
        ))),
    }
}

impl Projection {
    /// Whether the answer shows a top-level key; `summary` are the keys of the bare list.
    pub(super) fn shows(&self, key: &str, summary: Option<&[&str]>) -> bool {
        match self {
            Self::All => true,
            Self::Summary => summary.is_none_or(|keys| keys.contains(&key)),
            Self::Fields(fields) => fields.iter().any(|field| field == key),
            Self::Select(selectors) => selectors.iter().any(|selector| selector.name == key),
        }
    }

    /// Cuts a row down to what the answer shows.
    pub(super) fn apply(&self, mut body: Value, summary: Option<&[&str]>) -> Value {
        match self {
            Self::All => body,
            Self::Select(selectors) => select(&body, selectors),
            Self::Summary | Self::Fields(_) => {
                if let Value::Object(map) = &mut body {
                    map.retain(|key, _| self.shows(key, summary));
                }
                body
            }
        }
    }
}

fn select(value: &Value, selectors: &[SelectedField]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| select(item, selectors)).collect(),
        Value::Object(map) => {
            let mut shown = Map::new();
            for selector in selectors {
                let Some(found) = map.get(&selector.name) else {
                    continue;
                };
                let part = if selector.inner.is_empty() {
                    found.clone()
                } else {
                    select(found, &selector.inner)
                };
                shown.insert(selector.name.clone(), part);
            }
            Value::Object(shown)
        }
        scalar => scalar.clone(),
    }
}

/// How deep a `select` may nest.
const SELECT_DEPTH: usize = 16;

fn parse_select(text: &str) -> Result<Vec<SelectedField>, RefusedRequest> {
    let (selectors, rest) = parse_list(text, SELECT_DEPTH)?;
    if rest.is_empty() {
        Ok(selectors)
    } else {
        Err(malformed(rest))
    }
}

/// Reads `a,b(c,d)` up to the end or a closing bracket.
fn parse_list(mut text: &str, depth: usize) -> Result<(Vec<SelectedField>, &str), RefusedRequest> {
    let mut selectors = Vec::new();
    loop {
        let end = text.find(['(', ')', ',']).unwrap_or(text.len());
        let name = text[..end].trim();
        if name.is_empty() || depth == 0 {
            return Err(malformed(text));
        }
        let mut rest = &text[end..];
        let mut inner = Vec::new();
        if let Some(nested) = rest.strip_prefix('(') {
            let (found, after) = parse_list(nested, depth - 1)?;
            rest = after.strip_prefix(')').ok_or_else(|| malformed(after))?;
            inner = found;
        }
        selectors.push(SelectedField {
            name: name.to_owned(),
            inner,
        });
        match rest.strip_prefix(',') {
            Some(next) => text = next,
            None => return Ok((selectors, rest)),
        }
    }
}

fn malformed(rest: &str) -> RefusedRequest {
    RefusedRequest::bad_request(format!("select is malformed at `{rest}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn select_projects_nested_fields_and_arrays() {
        let body = json!({"id": 1, "name": "a", "data": [{"lang": "en", "title": "t", "x": 1}]});
        let selectors = parse_select("id,data(lang,title),nope").unwrap();
        assert_eq!(
            Projection::Select(selectors).apply(body, None),
            json!({"id": 1, "data": [{"lang": "en", "title": "t"}]})
        );
    }

    #[test]
    fn a_malformed_select_is_refused() {
        let deep = format!("{}a", "a(".repeat(40));
        for text in ["", "a,", "a(b", "a)b", "a()", "a(b)c", ",a", deep.as_str()] {
            assert!(parse_select(text).is_err(), "{text}");
        }
    }
}
