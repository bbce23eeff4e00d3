//! What attributes say where it is only inferred: currencies, carts without a total, products that are viewed again, errors that
//! are resolved.

use std::fmt::Write as _;

use insta::assert_snapshot;

use super::{WORLD, run_in};

/// Whether the engagement `rescue` is eligible for one who reports some attributes, where its behavior has a condition, and
/// something is assumed: the first line of what the scenario says.
fn told(condition: &str, attributes: &str, assumed: &str, then: &str) -> String {
    let behavior = "{type: 13, data: {}, means: {visitorError: {code: declined}}}";
    assert!(WORLD.contains(behavior));
    let world = WORLD.replace(behavior, condition);
    let given = format!(
        "agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ {assumed} }}"
    );
    run_in(
        &world,
        &format!(
            "  app: Shop\n  given: {{ {given} }}\n  cases:\n    - when: {{ sections: [orders], device: mobile, attributes: [{{ type: ctmrinfo, info: {{ ctype: club }} }}, {attributes}] }}\n      then: {{ {then}: [rescue] }}\n"
        ),
    )
}

#[test]
fn what_is_inferred_of_attributes_is_decided_by_a_named_assumption_only() {
    let value = "{type: 14, data: {minimumValue: 150, currency: EUR}, means: {cart: {value: {atLeast: 150}}}}";
    let plain = "{type: 14, data: {minimumValue: 150}, means: {cart: {value: {atLeast: 150}}}}";
    let items = "{type: 14, data: {}, means: {cart: {items: {atLeast: 4}}}}";
    let viewed = "{type: 7, data: {}, means: {viewedProducts: {atLeast: 2}}}";
    let error = "{type: 13, data: {}, means: {visitorError: {code: declined}}}";
    let product = "{ product: { sku: a, price: 80 }, quantity: 2 }";
    for (condition, attributes, switch, positions) in [
        (value, "{ type: cart, total: 160, currency: JPY }".to_owned(), "currency", ["ignored", "must-match"]),
        (value, "{ type: cart, total: 160 }".to_owned(), "currency", ["ignored", "must-match"]),
        (plain, format!("{{ type: cart, products: [{product}] }}"), "cart-totals", ["of-products", "left-out"]),
        (items, format!("{{ type: cart, products: [{product}, {product}] }}"), "cart-totals", ["of-products", "left-out"]),
        (viewed, format!("{{ type: prodView, products: [{product}] }}, {{ type: prodView, products: [{product}] }}"), "product-views", ["each-view", "each-product"]),
        (error, "{ type: error, error: { code: declined, resolved: true } }".to_owned(), "resolved-errors", ["count", "ignored"]),
        (error, "{ type: error, error: { code: declined } }, { type: error, error: { code: declined, resolved: true } }".to_owned(), "resolved-errors", ["count", "ignored"]),
    ] {
        let open = told(condition, &attributes, "", "eligible");
        assert!(open.starts_with("undecided") && open.contains(&format!("[{switch}]")), "{attributes}: {open}");
        let [yes, no] = positions;
        let yes = told(condition, &attributes, &format!("{switch}: {yes}"), "eligible");
        assert!(yes.starts_with("passed"), "{attributes}: {yes}");
        let no = told(condition, &attributes, &format!("{switch}: {no}"), "notOffered");
        assert!(no.starts_with("passed"), "{attributes}: {no}");
    }
}

/// What a cart is worth that lists its products, and what becomes of it when another one is reported.
#[test]
fn what_rests_on_two_inferred_facts_is_decided_by_both_or_by_the_one_that_settles_it() {
    let plain = "{type: 14, data: {minimumValue: 150}, means: {cart: {value: {atLeast: 150}}}}";
    let product = "{ product: { sku: a, price: 80 }, quantity: 2 }";
    let carts =
        |rest: &str| format!("{{ type: cart, products: [{product}] }}, {{ type: cart, {rest} }}");
    let mut all = String::new();
    for (rest, assumed, then) in [
        ("total: 5", "", "eligible"),
        ("total: 5", "cart: replaces", "notOffered"),
        ("total: 5", "cart: adds", "eligible"),
        (
            "total: 5",
            "cart: adds, cart-totals: left-out",
            "notOffered",
        ),
        (
            "total: 5",
            "cart: adds, cart-totals: of-products",
            "eligible",
        ),
        ("products: []", "cart-totals: of-products", "eligible"),
        (
            "products: []",
            "cart-totals: of-products, cart: replaces",
            "notOffered",
        ),
        ("products: []", "cart-totals: left-out", "notOffered"),
        ("total: 200", "", "eligible"),
    ] {
        let told = told(plain, &carts(rest), assumed, then);
        let first = told.lines().next().unwrap_or_default();
        let _ = writeln!(all, "{rest} with {assumed:?}, {then}: {first}");
    }
    assert_snapshot!(all, @r#"
    total: 5 with "", eligible: undecided case 1
    total: 5 with "cart: replaces", notOffered: passed case 1
    total: 5 with "cart: adds", eligible: undecided case 1
    total: 5 with "cart: adds, cart-totals: left-out", notOffered: passed case 1
    total: 5 with "cart: adds, cart-totals: of-products", eligible: passed case 1
    products: [] with "cart-totals: of-products", eligible: undecided case 1
    products: [] with "cart-totals: of-products, cart: replaces", notOffered: passed case 1
    products: [] with "cart-totals: left-out", notOffered: passed case 1
    total: 200 with "", eligible: passed case 1
    "#);
}

#[test]
fn what_attributes_say_plainly_is_decided() {
    let value = "{type: 14, data: {minimumValue: 150, currency: EUR}, means: {cart: {value: {atLeast: 150}}}}";
    let viewed = "{type: 7, data: {}, means: {viewedProducts: {atLeast: 2}}}";
    let error = "{type: 13, data: {}, means: {visitorError: {code: declined}}}";
    for (condition, attributes) in [
        (value, "{ type: cart, total: 160, currency: EUR }"),
        (
            viewed,
            "{ type: prodView, products: [{ product: { sku: a } }, { product: { sku: b } }] }",
        ),
        (
            error,
            "{ type: error, error: { code: declined, resolved: false } }",
        ),
        (
            error,
            "{ type: error, error: { code: else, resolved: true } }, { type: error, error: { code: declined } }",
        ),
    ] {
        let told = told(condition, attributes, "", "eligible");
        assert!(told.starts_with("passed"), "{attributes}: {told}");
    }
}

#[test]
fn the_weights_of_engagements_are_not_passed_over() {
    let weighed = |name: &str, weight: &str| {
        let from = format!("metadata: {{name: {name}}}, spec: {{campaign: ");
        (
            from.clone(),
            from.replace("spec: {", &format!("spec: {{weight: {weight}, ")),
        )
    };
    let mut world = WORLD.to_owned();
    for (from, to) in [weighed("order", "0.99"), weighed("club-order", "0.01")] {
        assert!(world.contains(&from));
        world = world.replace(&from, &to);
    }
    let told = |world: &str, assumed: &str, share: &str| {
        let given = format!(
            "agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ contest: lottery{assumed} }}"
        );
        run_in(
            world,
            &format!(
                "  app: Shop\n  given: {{ {given} }}\n  cases:\n    - when: {{ persona: member, sections: [orders] }}\n      then: {{ shares: {{ order: {share} }} }}\n"
            ),
        )
    };
    let without = told(WORLD, "", "88");
    assert!(without.starts_with("passed"), "{without}");
    let open = told(&world, "", "88");
    assert!(
        open.starts_with("undecided") && open.contains("[engagement-weight]"),
        "{open}"
    );
    let ignored = told(&world, ", engagement-weight: ignored", "88");
    assert!(ignored.starts_with("passed"), "{ignored}");
    let counts = told(&world, ", engagement-weight: counts", "100");
    assert!(counts.starts_with("passed"), "{counts}");
}
