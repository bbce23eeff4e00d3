//! The kinds that other kinds refer to by their live name, and that no manifest defines: Skill,
//! `LineOfBusiness`, `AppInstallation`, Connector and Zone (platform.md#skill to platform.md#zone).

mod wire;

use serde_json::{Map, Value};

use super::field::Field;
use super::{Collection, Kind, Role, Serving};
use crate::diag::Code;

/// Declares such a kind: it has a place on the wire and nothing else.
macro_rules! reference_kind {
    ($(#[doc = $doc:literal])* $kind:ident, $name:literal, $plural:literal, $collection:expr $(, $serve:item)?) => {
        $(#[doc = $doc])*
        #[derive(Debug)]
        pub struct $kind;

        impl Kind for $kind {
            const NAME: &'static str = $name;
            const PLURAL: &'static str = $plural;
            const ROLE: Role = Role::Reference;
            const PHASE: u8 = 0;
            const COLLECTION: Option<&'static Collection> = Some(&$collection);
            const FIELDS: &'static [Field] = &[];
            const CODES: &'static [&'static Code] = &[];
            const EXAMPLE: &'static str = "";
            type Spec = Map<String, Value>;
            $($serve)?
        }
    };
}

reference_kind!(
    /// A skill: the queue that a conversation is routed to.
    SkillKind,
    "Skill",
    "skills",
    wire::SKILLS
);
reference_kind!(
    /// A line of business: the part of the brand that a campaign belongs to.
    LineOfBusinessKind,
    "LineOfBusiness",
    "lines-of-business",
    wire::LINES_OF_BUSINESS
);
reference_kind!(
    /// An app installation: the mobile app or other source that an engagement is shown in.
    AppInstallationKind,
    "AppInstallation",
    "app-installations",
    wire::APP_INSTALLATIONS,
    fn serve(body: &mut Value, _at: &Serving<'_>) {
        wire::serve_registration(body);
    }
);
reference_kind!(
    /// A connector: how visitors authenticate.
    ConnectorKind,
    "Connector",
    "connectors",
    wire::CONNECTORS
);
reference_kind!(
    /// A zone: the part of a web page that an engagement is shown in.
    ZoneKind,
    "Zone",
    "zones",
    wire::ZONES
);

#[cfg(test)]
mod tests;
