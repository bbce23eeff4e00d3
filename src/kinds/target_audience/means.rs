//! What a condition of an audience means (platform.md#target-audience).

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::kinds::shared::means::{AnyOf, Flaw, Range, Sound, TextMatch, facts};
use crate::text::Pointer;

facts! {
    /// What a condition of an audience asks of a visitor. All facts that are given must hold; several values of one fact
    /// are alternatives.
    pub struct AudienceFacts {
        /// The visitor came from an address like this. Web only: an app never knows it.
        referral as "referral": AnyOf<TextMatch>,
        /// The visitor searched for this.
        search_keywords as "searchKeywords": AnyOf<String>,
        /// The address of the visitor: `203.0.113.7`, `203.0.113.0/24` or `203.0.113.1-203.0.113.9`.
        ip as "ip": AnyOf<Addresses>,
        /// The device of the visitor.
        platform as "platform": AnyOf<Platform>,
        /// How the visitor was won, as the page or app reports it.
        marketing_source as "marketingSource": MarketingSource,
        /// Where the visitor is.
        geo as "geo": AnyOf<GeoRegion>,
        /// `true` for visitors who were here before, `false` for new ones. Web only.
        returning as "returning": bool,
        /// The type of the customer, as the page or app reports it; upper and lower case are the same.
        customer_type as "customerType": AnyOf<String>,
        /// The status of the customer, as the page or app reports it; upper and lower case are the same.
        customer_status as "customerStatus": AnyOf<String>,
        /// The age of the customer, in years.
        age as "age": Range,
        /// How many days ago the customer registered.
        registered_days_ago as "registeredDaysAgo": Range,
        /// How many people work at the company of the customer.
        company_size as "companySize": Range,
        /// The balance of the customer, in any currency.
        balance as "balance": Range,
        /// The id that the brand has for the customer.
        customer_id as "customerId": AnyOf<String>,
        /// The postal code of the store.
        store_zip_code as "storeZipCode": AnyOf<String>,
        /// The number of the store.
        store_number as "storeNumber": AnyOf<String>,
        /// The gender of the customer.
        gender as "gender": AnyOf<Gender>,
    }
}

/// The device of a visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// A computer.
    Desktop,
    /// A tablet.
    Tablet,
    /// A phone.
    Mobile,
}

/// The gender of a customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Gender {
    /// Male.
    Male,
    /// Female.
    Female,
    /// Neither.
    Other,
}

/// The channel that a visitor came by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum MarketingChannel {
    /// By typing the address, or a bookmark.
    Direct,
    /// By an advertisement on another page.
    Display,
    /// By a mail.
    Email,
    /// By an advertisement of a search engine.
    PaidSearch,
    /// By a link on another site.
    Referral,
    /// By the result of a search engine.
    Search,
    /// By a social network.
    Social,
}

/// How a visitor was won. All that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MarketingSource {
    /// The channel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<AnyOf<MarketingChannel>>,
    /// The name of the affiliate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affiliate: Option<AnyOf<String>>,
    /// The name of the marketing campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<AnyOf<String>>,
}

/// A region. All that is given must hold: a city is one of its country.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GeoRegion {
    /// The country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The state or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// An address of the internet, a network, or a range from one to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addresses(pub String);

impl<'de> Deserialize<'de> for Addresses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if has_form(&text) {
            return Ok(Self(text));
        }
        Err(D::Error::custom(format!("`{text}` is not an IP address")))
    }
}

/// Whether a text has the form of addresses, as far as a schema can say: each number of an IPv4 address is right, and an IPv6
/// address has no other characters. What is more than form is a rule.
fn has_form(text: &str) -> bool {
    let is_v4 = |text: &str| text.parse::<core::net::Ipv4Addr>().is_ok();
    let of_v6 = |it: char| it.is_ascii_hexdigit() || it == ':' || it == '.';
    let is_v6 = |text: &str| text.contains(':') && text.chars().all(of_v6);
    let bits = |text: &str, most: u8| {
        let is_plain = text == "0" || !text.starts_with('0');
        let digits = text.chars().all(|it| it.is_ascii_digit());
        digits && is_plain && text.parse::<u8>().is_ok_and(|bits| bits <= most)
    };
    if let Some((network, length)) = text.split_once('/') {
        return is_v4(network) && bits(length, 32) || is_v6(network) && bits(length, 128);
    }
    match text.split_once('-') {
        Some((from, to)) => {
            let (from, to) = (from.trim_end_matches(' '), to.trim_start_matches(' '));
            is_v4(from) && is_v4(to) || is_v6(from) && is_v6(to)
        }
        None => is_v4(text) || is_v6(text),
    }
}

/// A number of an IPv4 address, as a regular expression.
const BYTE: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";

impl JsonSchema for Addresses {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Addresses".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let v4 = format!("({BYTE}\\.){{3}}{BYTE}");
        let v6 = "[0-9a-fA-F.]*:[0-9a-fA-F:.]*";
        schemars::json_schema!({
            "description": "An IP address, `203.0.113.7`, a network, `203.0.113.0/24`, or a range, `203.0.113.1-203.0.113.9`.",
            "type": "string",
            "pattern": format!("^({v4}(/([0-9]|[12][0-9]|3[0-2])| *- *{v4})?|{v6}(/([0-9]|[1-9][0-9]|1[01][0-9]|12[0-8])| *- *{v6})?)$")
        })
    }
}

impl Sound for Platform {}
impl Sound for Gender {}
impl Sound for MarketingChannel {}

impl Sound for MarketingSource {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        let Self {
            channel,
            affiliate,
            campaign,
        } = self;
        if channel.is_none() && affiliate.is_none() && campaign.is_none() {
            out.push(Flaw {
                at: at.clone(),
                message: "no source is given".to_owned(),
                help: "write `channel`, `affiliate` or `campaign`".to_owned(),
            });
        }
        for (key, values) in [("affiliate", affiliate), ("campaign", campaign)] {
            if let Some(values) = values {
                values.flaws(&at.key(key), out);
            }
        }
    }
}

impl Sound for GeoRegion {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        let parts = [
            ("country", &self.country),
            ("state", &self.state),
            ("city", &self.city),
        ];
        if parts.iter().all(|(_, part)| part.is_none()) {
            out.push(Flaw {
                at: at.clone(),
                message: "no region is given".to_owned(),
                help: "write `country`, `state` or `city`".to_owned(),
            });
        }
        for (key, part) in parts {
            if let Some(part) = part {
                part.flaws(&at.key(key), out);
            }
        }
    }
}

impl Sound for Addresses {
    fn flaws(&self, at: &Pointer, out: &mut Vec<Flaw>) {
        if is_addresses(&self.0) {
            return;
        }
        let reversed = self.0.split_once('-').map(|(from, to)| {
            let (from, to) = (from.trim(), to.trim());
            (from, to, is_addresses(&format!("{to}-{from}")))
        });
        let (message, help) = match reversed {
            Some((from, to, true)) => (
                format!("the range ends at {to}, before it starts at {from}"),
                format!("write `{to}-{from}`"),
            ),
            _ => (
                format!("`{}` is not an IP address", self.0),
                "write `203.0.113.7`, a network as `203.0.113.0/24`, or a range as `203.0.113.1-203.0.113.9`".to_owned(),
            ),
        };
        let at = at.clone();
        out.push(Flaw { at, message, help });
    }
}

fn is_addresses(text: &str) -> bool {
    let address = |text: &str| text.trim().parse::<core::net::IpAddr>().ok();
    if let Some((network, bits)) = text.split_once('/') {
        let most = address(network).map(|it| if it.is_ipv4() { 32 } else { 128 });
        return most
            .zip(bits.parse::<u8>().ok())
            .is_some_and(|(most, bits)| bits <= most);
    }
    match text.split_once('-') {
        Some((from, to)) => address(from)
            .zip(address(to))
            .is_some_and(|(from, to)| from.is_ipv4() == to.is_ipv4() && from <= to),
        None => address(text).is_some(),
    }
}
