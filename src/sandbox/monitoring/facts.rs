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
pub(super) struct VisitorFacts {
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

impl VisitorFacts {
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
        let number = |cart: &Value| {
            let said = cart.get(key).and_then(Value::as_f64);
            said.or_else(|| {
                let is_left_out = conduct.totals_carts && cart.get(key).is_none();
                is_left_out.then(|| sum_of_products(cart, key))?
            })
        };
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
        let mut seen: Option<Vec<&Value>> = None;
        for view in self.of("prodView", conduct) {
            let seen = seen.get_or_insert_default();
            let products = view.get("products").and_then(Value::as_array);
            for product in products.into_iter().flatten() {
                let inner = |key: &str| product.get("product").and_then(|it| it.get(key));
                let name = inner("sku").or(inner("name")).unwrap_or(product);
                if !(conduct.counts_products_once && seen.contains(&name)) {
                    seen.push(name);
                }
            }
        }
        seen.map(|it| f64::from(u32::try_from(it.len()).unwrap_or(0)))
    }

    /// The errors that count.
    pub(super) fn errors(&self, conduct: &Conduct) -> Vec<&Value> {
        let mut open: Vec<&Value> = Vec::new();
        for error in self.of("error", conduct) {
            let is_resolved = match error.pointer("/error/resolved") {
                Some(Value::Bool(is)) => *is,
                Some(Value::String(text)) => text != "false" && text != "0" && !text.is_empty(),
                Some(Value::Number(number)) => number.as_f64() != Some(0.0),
                Some(Value::Null) | None => false,
                Some(_) => true,
            };
            if conduct.forgets_resolved && is_resolved {
                let code = error.pointer("/error/code");
                open.retain(|it| it.pointer("/error/code") != code);
            } else {
                open.push(error);
            }
        }
        open
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

/// What the products of a cart are worth, or how many they are; nothing where one does not say it.
fn sum_of_products(cart: &Value, key: &str) -> Option<f64> {
    let products = cart.get("products")?.as_array()?;
    let of = |product: &Value| {
        let count = match product.get("quantity") {
            None => 1.0,
            Some(count) => count.as_f64()?,
        };
        let price = || {
            product
                .get("product")
                .and_then(|it| it.get("price"))
                .or(product.get("price"))
        };
        if key == "total" {
            Some(price()?.as_f64()? * count)
        } else {
            Some(count)
        }
    };
    let mut sum = None;
    for product in products {
        sum = Some(sum.unwrap_or_default() + of(product)?);
    }
    sum
}
