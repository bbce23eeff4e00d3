//! A visit as a person describes it, and what there is to say of it: what is not described is unknown, and what is
//! taken for granted is said.

use std::str::FromStr;

use jiff::{Timestamp, Zoned};
use serde_json::Value;

use super::Error;
use crate::diag::did_you_mean;
use crate::kinds::offering::{Datum, Fact, FactAnswer, Place};
use crate::kinds::shared::attribute;
use crate::kinds::{Device, Engaged, VisitorChannel, When};
use crate::offers::{Visit, World};

/// An attribute as it is given.
#[derive(Clone, Debug)]
pub struct Attribute(AttributeForm);

#[derive(Clone, Debug)]
enum AttributeForm {
    /// One in the platform's shape, reported for itself.
    Whole(Value),
    /// A key of one.
    Key(Value),
}

impl FromStr for Attribute {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim_start().starts_with('{') {
            let whole = text.parse().map(|it| Self(AttributeForm::Whole(it)));
            return whole.map_err(|error| format!("it is not JSON: {error}"));
        }
        let parts = text.split_once('=').and_then(|(name, value)| {
            let (of, key) = name.split_once('.')?;
            Some((of, key, value))
        });
        let (of, key, value) = parts.ok_or("write it as `ctmrinfo.ctype=club`, or as JSON")?;
        attribute(of, key, value).map(|it| Self(AttributeForm::Key(it)))
    }
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

/// What is said of a visit: a heading, and a text.
pub type Remarks = Vec<(&'static str, String)>;

/// A visit as it is described.
#[derive(Clone, Debug)]
pub struct DescribedVisit {
    /// The app, by its live name; web pages without one.
    pub app: Option<String>,
    /// The sections that are reported; an empty one says that none is.
    pub sections: Vec<String>,
    /// The persona of the visitor.
    pub persona: Option<String>,
    /// Attributes besides those of the persona.
    pub attributes: Vec<Attribute>,
    /// The time; that of the run without one.
    pub at: Option<Zoned>,
    /// Whether agents are available; `unknown` is a word of it, as of the next two.
    pub agents: String,
    /// Whether the visitor is in a control group.
    pub control_group: String,
    /// Whether a conversation is open.
    pub conversation: String,
    /// Whether the visitor has signed in.
    pub signed_in: Option<bool>,
    /// What else is known, as scenarios say it: all but the fields above.
    pub known: When,
}

impl DescribedVisit {
    /// The visit in a world, and what is said of it.
    ///
    /// # Errors
    /// An app that nothing is shown in, a persona that is not there.
    pub fn visit(&self, world: &World, now: Timestamp) -> Result<(Visit, Remarks), Error> {
        let place = self.place(world)?;
        let mut said: Remarks = vec![("Visit", place.to_string())];
        let mut visit = Visit::new(place);
        if self.sections.is_empty() {
            said.push(("Sections", "not given".to_owned()));
        } else {
            let names = self.sections.iter().filter(|name| !name.is_empty());
            let names: Vec<String> = names.cloned().collect();
            said.push(("Sections", or_none(names.join(", "))));
            let texts = names.into_iter().map(Datum::Text).collect();
            visit.facts.insert(Fact::Sections, FactAnswer::Known(texts));
        }
        let attributes = self.attributes(world)?;
        said.extend(self.persona.clone().map(|name| ("Visitor", name)));
        let shown: Vec<String> = attributes.iter().map(Value::to_string).collect();
        said.push(("Attributes", or_none(shown.join(", "))));
        visit.say(&self.known);
        said.extend(known(&self.known));
        visit.report(&attributes, &[]);
        let states = [
            ("Agents", Fact::Agents, &self.agents),
            ("Control group", Fact::ControlGroup, &self.control_group),
            ("Conversation", Fact::Conversation, &self.conversation),
        ];
        for (name, fact, word) in states {
            if word != "unknown" {
                visit.facts.insert(fact, FactAnswer::text(word));
            }
            said.push((name, word.clone()));
        }
        if let Some(is) = self.signed_in {
            let answer = FactAnswer::Known(vec![Datum::Flag(is)]);
            visit.facts.insert(Fact::SignedIn, answer);
            said.push(("Signed in", yes_or_no(is)));
        }
        let at = self.at.as_ref().map(Zoned::timestamp);
        let at = at.unwrap_or(now);
        let time = self.at.as_ref().map(Zoned::to_string);
        let time = time.unwrap_or_else(|| format!("{at:.0}, the time of this run"));
        visit.at = Some(at);
        said.push(("Time", time));
        Ok((visit, said))
    }

    /// Where the visit is: web pages, or an app that an engagement is shown in.
    fn place(&self, world: &World) -> Result<Place, Error> {
        let place = self.app.clone().map_or(Place::Web, Place::App);
        match &place {
            Place::App(name) if !world.has_place(&place) => {
                let near = did_you_mean(name, world.apps());
                let near = near.unwrap_or_else(|| {
                    "name an app installation that an engagement has".to_owned()
                });
                let why = format!("no engagement is shown in the app `{name}`");
                Err(Error::invalid(why).help(near))
            }
            _ => Ok(place),
        }
    }

    /// The attributes of the persona, and those that are given.
    fn attributes(&self, world: &World) -> Result<Vec<Value>, Error> {
        let mut attributes = Vec::new();
        if let Some(name) = &self.persona {
            let persona = world.persona(name);
            let persona =
                persona.ok_or_else(|| Error::invalid(format!("no persona is named `{name}`")))?;
            attributes.extend_from_slice(persona);
        }
        for Attribute(form) in &self.attributes {
            let left = match form {
                AttributeForm::Whole(whole) => Some(whole.clone()),
                // A later report of a type replaces an earlier one, with all keys: these belong together.
                AttributeForm::Key(new) => {
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
}

/// What is said of what else is known.
fn known(when: &When) -> Remarks {
    let When {
        persona: _,
        sections: _,
        url,
        attributes: _,
        at: _,
        device,
        ip,
        geo,
        company_size,
        returning,
        referral,
        search_keywords,
        channel,
        seconds_on_page,
        about_to_abandon,
        engaged,
    } = when;
    let geo = geo.clone().unwrap_or_default();
    let keywords = search_keywords.as_ref().map(|it| or_none(it.join(", ")));
    let engaged = engaged.as_ref().map(|all| {
        let words: Vec<&str> = all.iter().map(|it| Engaged::word(*it)).collect();
        or_none(words.join(", "))
    });
    let word = |word: &'static str| word.to_owned();
    let all = [
        ("Address", url.clone()),
        ("Device", device.map(Device::word).map(word)),
        ("Address of the device", ip.clone()),
        ("Country", geo.country),
        ("State", geo.state),
        ("City", geo.city),
        ("Company size", company_size.map(|it| it.to_string())),
        ("Returning", returning.map(yes_or_no)),
        ("Referral", referral.clone()),
        ("Search keywords", keywords),
        ("Channel", channel.map(VisitorChannel::word).map(word)),
        ("Seconds on page", seconds_on_page.map(|it| it.to_string())),
        ("About to abandon", about_to_abandon.map(yes_or_no)),
        ("Engaged", engaged),
    ];
    let all = all.into_iter();
    all.filter_map(|(name, value)| Some((name, value?)))
        .collect()
}

fn yes_or_no(is: bool) -> String {
    if is { "yes" } else { "no" }.to_owned()
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "none".to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described() -> DescribedVisit {
        DescribedVisit {
            app: None,
            sections: Vec::new(),
            persona: None,
            attributes: Vec::new(),
            at: None,
            agents: "available".to_owned(),
            control_group: "outside".to_owned(),
            conversation: "none".to_owned(),
            signed_in: None,
            known: When::default(),
        }
    }

    #[test]
    fn keys_of_one_type_are_reported_together_and_a_key_twice_is_two_reports() {
        let of = |texts: &[&str]| {
            let described = DescribedVisit {
                attributes: texts.iter().map(|text| text.parse().unwrap()).collect(),
                ..described()
            };
            described.attributes(&World::default()).unwrap()
        };
        let found = of(&[
            "ctmrinfo.ctype=club",
            "ctmrinfo.balance=3",
            "ctmrinfo.ctype=vip",
        ]);
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0]["info"]["ctype"], json!("club"));
        assert!(found[0]["info"].get("balance").is_some(), "{found:?}");
        assert_eq!(found[1]["info"]["ctype"], json!("vip"));
        let whole = r#"{ "type": "ctmrinfo", "info": { "ctype": "club" } }"#;
        assert_eq!(of(&[whole, whole]).len(), 2);
        assert!("ctype".parse::<Attribute>().is_err());
    }

    #[test]
    fn what_is_not_described_is_said() {
        let (visit, said) = described()
            .visit(&World::default(), Timestamp::UNIX_EPOCH)
            .unwrap();
        let texts: Vec<String> = said
            .iter()
            .map(|(name, text)| format!("{name}: {text}"))
            .collect();
        assert!(
            texts.contains(&"Sections: not given".to_owned()),
            "{texts:?}"
        );
        assert!(texts.contains(&"Agents: available".to_owned()), "{texts:?}");
        assert!(
            texts.contains(&"Time: 1970-01-01T00:00:00Z, the time of this run".to_owned()),
            "{texts:?}"
        );
        assert_eq!(visit.at, Some(Timestamp::UNIX_EPOCH));
    }
}
