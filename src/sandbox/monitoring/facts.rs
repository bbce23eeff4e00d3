//! What is known of a visitor in a session, out of the attributes that the app reported (platform.md#engagement-attributes).

use jiff::Timestamp;
use serde_json::Value;

use crate::kinds::Conduct;

/// The types that the platform does not take from a visitor who has signed in (platform.md#monitoring).
const ANONYMOUS_ONLY: [&str; 7] = [
    "cart", "purchase", "prodView", "mrktInfo", "lead", "service", "error",
];

/// What is known of a visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// Everything that was reported, oldest first.
    pub(super) attributes: Vec<Value>,
    /// What was reported in the sessions before.
    pub(super) before: Vec<Value>,
    /// The places of earlier calls of the session.
    pub(super) pages: Vec<Vec<String>>,
    /// The places of this call.
    pub(super) places: Vec<String>,
    /// `DESKTOP`, `TABLET` or `MOBILE`.
    pub(super) device: Option<String>,
    /// The address.
    pub(super) ip: Option<String>,
    /// Whether the visitor has signed in.
    pub(super) is_signed_in: bool,
    /// The ids of the engagements that the visitor closed in this session.
    pub(super) closed: Vec<String>,
    /// Whether the app reported that an engagement was shown.
    pub(super) has_seen: bool,
}

impl Facts {
    /// The attributes of a type that count, oldest first.
    pub(super) fn of<'f>(
        &'f self,
        kind: &'f str,
        conduct: &Conduct,
    ) -> impl DoubleEndedIterator<Item = &'f Value> {
        let earlier = if conduct.keeps_attributes {
            self.before.as_slice()
        } else {
            &[]
        };
        let is_taken = !(self.is_signed_in && ANONYMOUS_ONLY.contains(&kind));
        let all = earlier.iter().chain(&self.attributes);
        all.filter(move |it| is_taken && it.get("type").and_then(Value::as_str) == Some(kind))
    }

    /// A value of a type whose last report replaces the earlier ones.
    pub(super) fn last(&self, kind: &str, pointer: &str, conduct: &Conduct) -> Option<Value> {
        // Of one who has signed in, the store is not taken either.
        if self.is_signed_in && pointer.starts_with("/info/store") {
            return None;
        }
        let last = self.of(kind, conduct).next_back()?;
        last.pointer(pointer).filter(|it| !it.is_null()).cloned()
    }

    /// A number of the cart: of the last one, or of all together.
    pub(super) fn cart(&self, key: &str, conduct: &Conduct) -> Option<f64> {
        let number = |cart: &Value| cart.get(key).and_then(Value::as_f64);
        let mut carts = self.of("cart", conduct);
        if conduct.adds_carts {
            let numbers: Vec<f64> = carts.filter_map(number).collect();
            (!numbers.is_empty()).then(|| numbers.iter().sum())
        } else {
            carts.next_back().and_then(number)
        }
    }

    /// How many products were looked at.
    pub(super) fn products(&self, conduct: &Conduct) -> Option<f64> {
        let views = self.of("prodView", conduct).map(|view| {
            let products = view.get("products").and_then(Value::as_array);
            products.map_or(0.0, |it| f64::from(u32::try_from(it.len()).unwrap_or(0)))
        });
        let views: Vec<f64> = views.collect();
        (!views.is_empty()).then(|| views.iter().sum())
    }

    /// How many days ago the customer registered, in UTC.
    pub(super) fn registered_days_ago(&self, now: Timestamp, conduct: &Conduct) -> Option<f64> {
        let date = self.last("ctmrinfo", "/info/registrationDate", conduct)?;
        let part = |key: &str| date.get(key).and_then(Value::as_i64);
        let day = jiff::civil::Date::new(
            i16::try_from(part("year")?).ok()?,
            i8::try_from(part("month")?).ok()?,
            i8::try_from(part("day")?).ok()?,
        );
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        Some(f64::from((today - day.ok()?).get_days()))
    }
}
