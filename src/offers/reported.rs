//! What engagement attributes say of a visitor (platform.md#engagement-attributes).
//!
//! What is only inferred of it depends on a switch: whether a cart that comes again replaces the earlier one, what it is worth
//! where it does not say so, whether a product counts that is viewed again, and an error that is resolved.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kinds::offering::{Datum, Fact, FactAnswer, Switch};
use crate::kinds::shared::day;

pub(super) fn is(attribute: &Value, name: &str) -> bool {
    attribute.get("type").and_then(Value::as_str) == Some(name)
}

/// Whether one of the attributes says who the customer is: the platform looks at each, also at one that a later one replaces.
pub(super) fn names_customer(attributes: &[Value]) -> bool {
    let mut customers = attributes.iter().filter(|it| is(it, "ctmrinfo"));
    customers.any(|it| it.pointer("/info/customerId").is_some())
}

/// The facts that attributes report; all that they can report are there (platform.md#engagement-attributes).
pub(super) fn reported(attributes: &[Value]) -> BTreeMap<Fact, FactAnswer> {
    let attribute_facts = Fact::ALL.iter().copied().filter(|fact| fact.is_attribute());
    attribute_facts
        .map(|fact| (fact, of_fact(fact, attributes)))
        .collect()
}

fn of_fact(fact: Fact, attributes: &[Value]) -> FactAnswer {
    let of = |name: &'static str| attributes.iter().filter(move |it| is(it, name));
    // The last one of these replaces the earlier ones.
    let last = |name: &'static str, pointer: &str, read: fn(&Value) -> Datum| {
        let value = of(name).next_back().and_then(|it| it.pointer(pointer));
        FactAnswer::Known(value.into_iter().map(read).collect())
    };
    match fact {
        Fact::CustomerType => last("ctmrinfo", "/info/ctype", text),
        Fact::CustomerStatus => last("ctmrinfo", "/info/cstatus", text),
        Fact::CustomerId => last("ctmrinfo", "/info/customerId", text),
        Fact::StoreZipCode => last("ctmrinfo", "/info/storeZipCode", text),
        Fact::StoreNumber => last("ctmrinfo", "/info/storeNumber", text),
        Fact::BalanceCurrency => last("ctmrinfo", "/info/currency", text),
        Fact::Balance => last("ctmrinfo", "/info/balance", number),
        Fact::Registered => last("ctmrinfo", "/info/registrationDate", date),
        Fact::Age => last("personal", "/personal/age", age),
        Fact::Gender => last("personal", "/personal/gender", text),
        Fact::Affiliate => last("mrktInfo", "/info/affiliate", text),
        Fact::MarketingCampaign => last("mrktInfo", "/info/campaignId", text),
        Fact::ServiceActivity => last("service", "/service/status", status),
        Fact::CartValue => cart(of("cart"), "/total", worth),
        Fact::CartCurrency => last("cart", "/currency", text),
        Fact::CartItems => cart(of("cart"), "/numItems", quantity),
        Fact::ViewedProducts => viewed(of("prodView")),
        Fact::Errors => errors(of("error")),
        _ => FactAnswer::Known(Vec::new()),
    }
}

fn text(value: &Value) -> Datum {
    match value {
        Value::String(text) => Datum::Text(text.clone()),
        Value::Number(number) => Datum::Text(number.to_string()),
        _ => Datum::Unreadable,
    }
}

fn number(value: &Value) -> Datum {
    value.as_f64().map_or(Datum::Unreadable, Datum::Number)
}

fn date(value: &Value) -> Datum {
    day(value).map_or(Datum::Unreadable, Datum::Day)
}

fn age(value: &Value) -> Datum {
    number(value.get("age").unwrap_or(value))
}

/// The numbers of statuses are not public.
fn status(value: &Value) -> Datum {
    value
        .as_str()
        .map_or(Datum::Unreadable, |text| Datum::Text(text.to_owned()))
}

fn error(attribute: &Value) -> Datum {
    let part = |pointer: &str| match attribute.pointer(pointer) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    Datum::Error(part("/error/code"), part("/error/message"))
}

/// All errors, or those that are not resolved.
fn errors<'v>(errors: impl Iterator<Item = &'v Value>) -> FactAnswer {
    let errors: Vec<&Value> = errors.collect();
    let code = |it: &Value| it.pointer("/error/code").cloned();
    let open = errors.iter().enumerate().filter(|(index, it)| {
        let later = errors[index + 1..].iter();
        let mut later = later.filter(|other| is_resolved(other));
        !is_resolved(it) && !later.any(|other| code(other) == code(it))
    });
    let open: Vec<Datum> = open.map(|(_, it)| error(it)).collect();
    let all: Vec<Datum> = errors.iter().map(|it| error(it)).collect();
    let [all, open] = [all, open].map(FactAnswer::Known);
    FactAnswer::depending(Switch::ResolvedErrors, all, open)
}

fn is_resolved(attribute: &Value) -> bool {
    match attribute.pointer("/error/resolved") {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !["false", "0", ""].contains(&text.as_str()),
        Some(value) => value.as_f64() != Some(0.0),
    }
}

/// The products of a cart or a view; none where it does not list any.
fn products(attribute: &Value) -> &[Value] {
    let products = attribute.get("products").and_then(Value::as_array);
    products.map_or(&[], Vec::as_slice)
}

/// What the products of a cart are worth together.
fn worth(product: &Value) -> Option<f64> {
    let price = product.pointer("/product/price").or(product.get("price"))?;
    Some(price.as_f64()? * quantity(product)?)
}

fn quantity(product: &Value) -> Option<f64> {
    product.get("quantity").map_or(Some(1.0), Value::as_f64)
}

/// What carts say of their worth, or of how many items they have. What one leaves out follows from its products, or does not.
fn cart<'v>(
    carts: impl Iterator<Item = &'v Value>,
    pointer: &str,
    of_product: fn(&Value) -> Option<f64>,
) -> FactAnswer {
    let carts: Vec<&Value> = carts.collect();
    let of = |counts_products: bool| {
        let values = carts.iter().map(|it| match it.pointer(pointer) {
            Some(said) => Some(number(said)),
            None if counts_products => of_products(products(it), of_product),
            None => None,
        });
        reported_again(values.collect())
    };
    FactAnswer::depending(Switch::CartTotals, of(false), of(true))
}

/// What follows from the products of a cart; nothing where it lists none.
fn of_products(products: &[Value], of_product: fn(&Value) -> Option<f64>) -> Option<Datum> {
    let sum: Option<f64> = products.iter().map(of_product).sum();
    let sum = sum.map_or(Datum::Unreadable, Datum::Number);
    (!products.is_empty()).then_some(sum)
}

/// A cart that is reported again replaces the earlier one, or is added: two pages of the vendor differ. One that
/// replaces takes what it does not say away.
fn reported_again(carts: Vec<Option<Datum>>) -> FactAnswer {
    let last: Vec<Datum> = carts.last().cloned().flatten().into_iter().collect();
    let values: Vec<Datum> = carts.into_iter().flatten().collect();
    let numbers = values.iter().map(|datum| match datum {
        Datum::Number(number) => Some(*number),
        _ => None,
    });
    let sum = match numbers.sum::<Option<f64>>() {
        _ if values.len() < 2 => values,
        Some(sum) => vec![Datum::Number(sum)],
        None => vec![Datum::Unreadable],
    };
    let [last, sum] = [last, sum].map(FactAnswer::Known);
    FactAnswer::depending(Switch::Cart, last, sum)
}

/// How many products were looked at, or how many different ones.
fn viewed<'v>(views: impl Iterator<Item = &'v Value>) -> FactAnswer {
    let views: Vec<&[Value]> = views.map(products).collect();
    if views.is_empty() {
        return FactAnswer::Known(Vec::new());
    }
    let all: Vec<&Value> = views.into_iter().flatten().collect();
    let different: BTreeSet<String> = all.iter().map(|it| identity(it).to_string()).collect();
    let [all, different] = [all.len(), different.len()].map(|count| {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        FactAnswer::Known(vec![Datum::Number(count.into())])
    });
    FactAnswer::depending(Switch::ProductViews, all, different)
}

/// What tells a product from others: its number, else its name, else all that is said of it.
fn identity(product: &Value) -> &Value {
    let of = |key: &str| product.pointer(&format!("/product/{key}"));
    of("sku").or_else(|| of("name")).unwrap_or(product)
}
