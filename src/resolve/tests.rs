//! Overlays and variables: files in, complaints and resolved specs out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::{Composed, Ingredients, Variables, compose, resolve};
use crate::diag::{Diags, Texts};
use crate::text::{Document, FileId, Limits, Source, yaml};
use crate::{check, manifest};

/// Files, each behind a line `#- NAME`: the base, and what lies below `over1/`, `over2/`. `#- variables` is a
/// mapping. Returns every complaint as `code file:line:column message`, then every spec.
fn outcome(files: &str, is_partial: bool) -> String {
    let mut ingredients = Ingredients {
        is_partial,
        ..Ingredients::default()
    };
    let mut folders: BTreeMap<&str, Vec<Document>> = BTreeMap::new();
    for file in files.split("#- ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        let documents = read(&mut ingredients.base, name, text);
        match name.split_once('/') {
            _ if name == "variables" => ingredients.variables = variables(&documents[0].value),
            Some((folder, _)) => folders.entry(folder).or_default().extend(documents),
            None => ingredients.base.documents.extend(documents),
        }
    }
    ingredients.overlays = folders.into_values().collect();
    let (Composed { texts, .. }, mut diags) = compose(ingredients);
    let (manifests, found) = manifest::parse(&texts);
    diags.extend(found);
    let (desired, found) = resolve(manifests);
    diags.extend(found);
    diags.extend(check::check(&texts, &desired));
    let mut out = told(&diags, &texts);
    for resource in desired.iter() {
        let labels = serde_json::to_string(&resource.labels).unwrap();
        let _ = writeln!(out, "{} {labels} {}", resource.key, *resource.spec);
    }
    out
}

fn read(texts: &mut Texts, name: &str, text: &str) -> Vec<Document> {
    let file: FileId = texts.sources.push(Source {
        path: name.to_owned(),
        text: text.to_owned(),
    });
    let (documents, errors) = yaml::parse(file, text, &Limits::default());
    assert!(errors.is_empty(), "{errors:?}");
    documents
}

fn variables(value: &Value) -> Variables {
    let entries = value.as_object().unwrap().iter();
    entries
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn told(diags: &Diags, texts: &Texts) -> String {
    let mut out = String::new();
    for (diagnostic, at) in diags.located(texts) {
        let at = at.map_or("-".to_owned(), |at| {
            format!("{}:{}:{}", at.file, at.line, at.column)
        });
        let help = diagnostic.help.as_deref().unwrap_or("-");
        let _ = writeln!(
            out,
            "{} {at} {}; {help}",
            diagnostic.code.name, diagnostic.message
        );
    }
    out
}

#[track_caller]
fn check(files: &str, expected: &str) {
    let lines = expected.lines().map(str::trim_start);
    let expected: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
    assert_eq!(outcome(files, false).trim_end(), expected.join("\n"));
}

const GOAL: &str = "#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: checkout, labels: { team: retail, tier: gold } }
spec: { displayName: Checkout, description: base, type: purchase }
";

#[test]
fn an_overlay_merges_and_a_null_removes() {
    check(
        &format!(
            "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: checkout, labels: {{ tier: null, env: staging }} }}
spec: {{ description: null, displayName: Checkout (staging) }}
"
        ),
        r#"Goal/checkout {"team":"retail","env":"staging"} {"displayName":"Checkout (staging)","type":"purchase"}
        "#,
    );
}

#[test]
fn one_way_to_name_an_object_replaces_another() {
    check(
        "#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Campaign
metadata: { name: sale }
spec: { displayName: Sale, goal: { system: true }, lineOfBusiness: { live: Shop } }
#- over1/a.yaml
kind: Campaign
metadata: { name: sale }
spec: { goal: { live: Purchase }, lineOfBusiness: { live: Store } }
",
        r#"Campaign/sale {} {"displayName":"Sale","goal":{"live":"Purchase"},"lineOfBusiness":{"live":"Store"}}
        "#,
    );
}

#[test]
fn lists_are_replaced_and_later_folders_win() {
    check(
        "#- base.yaml
apiVersion: campaignctl.dev/v1
kind: ApiHandoff
metadata: { name: orders }
spec: { channel: inApp, appNames: [com.a, com.b], lookbackPeriod: 2d, language: en, message: { text: Hi } }
#- over1/a.yaml
kind: ApiHandoff
metadata: { name: orders }
spec: { appNames: [com.c], language: fr, message: { text: one } }
#- over2/a.yaml
kind: ApiHandoff
metadata: { name: orders }
spec: { message: { text: two } }
",
        r#"ApiHandoff/orders {} {"channel":"inApp","appNames":["com.c"],"lookbackPeriod":"2d","language":"fr","message":{"text":"two"}}
        "#,
    );
}

#[test]
fn an_overlay_drops_and_adds_manifests() {
    check(
        &format!(
            "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: checkout }}
$patch: delete
---
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: {{ name: extra }}
spec: {{ displayName: Extra, type: lead }}
#- over2/a.yaml
kind: Goal
metadata: {{ name: extra }}
spec: {{ displayName: Extra 2 }}
"
        ),
        r#"Goal/extra {} {"displayName":"Extra 2","type":"lead"}
        "#,
    );
}

#[test]
fn complaints_point_into_the_text_that_wrote_the_value() {
    check(
        &format!(
            "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: checkout }}
spec:
  type: purchas
  descripton: typing error
"
        ),
        r#"invalid-value over1/a.yaml:4:9 `purchas` is not one of `purchase`, `lead`, `service`, `interact`; did you mean `purchase`?
        unknown-field over1/a.yaml:5:3 there is no field `descripton` here; did you mean `description`?
        Goal/checkout {"team":"retail","tier":"gold"} {"displayName":"Checkout","description":"base","type":"purchas","descripton":"typing error"}
        "#,
    );
}

#[test]
fn the_base_is_checked_even_where_an_overlay_mends_it() {
    check(
        &format!(
            "{}#- over1/a.yaml
kind: Goal
metadata: {{ name: checkout }}
spec: {{ type: lead }}
",
            GOAL.replace("purchase", "purchas")
        ),
        r#"invalid-value base.yaml:4:57 `purchas` is not one of `purchase`, `lead`, `service`, `interact`; did you mean `purchase`?
        Goal/checkout {"team":"retail","tier":"gold"} {"displayName":"Checkout","description":"base","type":"lead"}
        "#,
    );
}

#[test]
fn overlays_that_lie_over_nothing_are_errors() {
    check(
        &format!(
            "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: chekout }}
spec: {{ type: lead }}
---
kind: Campaign
metadata: {{ name: checkout }}
$patch: delete
---
kind: Goal
metadata: {{ name: checkout }}
$patch: replace
---
kind: Gaol
metadata: {{ name: checkout }}
---
kind: Goal
spec: {{ type: lead }}
---
metadata: {{ name: checkout }}
---
kind: Goal
metadata: {{ name: checkout }}
$patch: delete
spec: {{}}
"
        ),
        r#"overlay-without-base over1/a.yaml:2:19 there is no Goal manifest named `chekout` that this could change; did you mean `checkout`?
        overlay-without-base over1/a.yaml:6:19 there is no Campaign manifest named `checkout` that this could change; Goal/checkout has that name
        overlay-patch over1/a.yaml:11:9 `$patch` takes `delete` only; write `$patch: delete`, or remove it: without it, the document is merged
        unknown-kind over1/a.yaml:13:7 `Gaol` is not a kind of manifest; did you mean `Goal`?
        not-a-manifest over1/a.yaml:16:1 this overlay document does not name its manifest: it has no `metadata.name`; an overlay document has `kind`, `metadata.name` and what differs
        not-a-manifest over1/a.yaml:19:1 this overlay document does not name its manifest: it has no `kind`; an overlay document has `kind`, `metadata.name` and what differs
        duplicate-manifest over1/a.yaml:22:19 Goal/checkout has two overlay documents in this folder; put both into one document
        Goal/checkout {"team":"retail","tier":"gold"} {"displayName":"Checkout","description":"base","type":"purchase"}
        "#,
    );
}

#[test]
fn a_run_of_some_files_passes_over_the_overlays_of_others() {
    let files = format!(
        "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: other }}
spec: {{ type: lead }}
---
kind: Goal
metadata: {{ name: gone }}
$patch: delete
"
    );
    assert!(outcome(&files, true).starts_with("Goal/checkout"));
}

#[test]
fn a_variable_keeps_its_type_when_it_stands_alone() {
    check(
        "#- variables
brand: Shoply
apps: [com.a, com.b]
cap: 7
open: true
#- base.yaml
apiVersion: campaignctl.dev/v1
kind: ApiHandoff
metadata: { name: orders, labels: { brand: \"${var.brand}\" } }
spec:
  channel: inApp
  appNames: ${var.apps}
  lookbackPeriod: ${var.cap}d
  language: en
  message: { text: \"${{1}}: ${var.brand}, $${var.brand}, $${{1}}, ${brand} ${var.cap}${var.open}\", variables: [\"1\"] }
  extra: { cap: \"${var.cap}\", open: \"${var.open}\" }
",
        r#"ApiHandoff/orders {"brand":"Shoply"} {"channel":"inApp","appNames":["com.a","com.b"],"lookbackPeriod":"7d","language":"en","message":{"text":"${{1}}: Shoply, ${var.brand}, $${{1}}, ${brand} 7true","variables":["1"]},"extra":{"cap":7,"open":true}}
        "#,
    );
}

#[test]
fn values_are_not_read_again() {
    check(
        "#- variables
a: \"${var.b} $${var.b}\"
b: never
#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: checkout }
spec: { displayName: \"${var.a}\", type: purchase }
",
        r#"Goal/checkout {} {"displayName":"${var.b} $${var.b}","type":"purchase"}
        "#,
    );
}

#[test]
fn what_cannot_be_filled_in_is_an_error_at_its_place() {
    check(
        "#- variables
brand: Shoply
apps: [com.a]
#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: checkout }
spec:
  displayName: \"${var.brand} and ${var.brnd}\"
  description: |
    One ${var.apps} line,
    and ${var.brand another.
  type: ${var.kind}
",
        r#"unknown-variable base.yaml:5:34 there is no variable `brnd`; did you mean `brand`?
        variable-type base.yaml:7:9 the variable `apps` is a list, which cannot be used inside a text; let the reference be the whole value, or give the variable a text
        malformed-variable base.yaml:8:9 `${var.brand another.` is not a reference to a variable; write `${var.name}` with letters, digits, `-` and `_`; write `$${var.` for the characters `${var.`
        unknown-variable base.yaml:9:9 there is no variable `kind`; add it to `variables` in `campaignctl.yaml`, for all environments or for one; `--var kind=VALUE` or `CAMPAIGNCTL_VAR=kind=VALUE` sets it for a run
        Goal/checkout {} {"displayName":"${var.brand} and ${var.brnd}","description":"One ${var.apps} line,\nand ${var.brand another.\n","type":"${var.kind}"}
        "#,
    );
}

#[test]
fn an_overlay_may_replace_what_its_environment_has_no_variable_for() {
    check(
        "#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: checkout }
spec: { displayName: \"${var.brand}\", type: \"${var.type}\" }
#- over1/a.yaml
kind: Goal
metadata: { name: checkout }
spec: { displayName: Checkout, type: lead }
",
        r#"Goal/checkout {} {"displayName":"Checkout","type":"lead"}
        "#,
    );
}

#[test]
fn keys_and_identities_take_no_variables() {
    check(
        "#- variables
x: a
#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: \"${var.x}\" }
spec: { displayName: Checkout, type: purchase, extra: { \"${var.x}\": 1 } }
",
        "invalid-name base.yaml:3:19 `${var.x}` is not a name: use lower-case letters, digits, `-` and `.`, at most 63 of them, starting and ending with a letter or digit; try `var-x`; `spec.displayName` may hold any text
        malformed-variable base.yaml:4:57 variables are not filled into keys; write the key out, or `$${var.` for the characters `${var.`
        ",
    );
}

#[test]
fn a_patch_below_the_top_says_why_it_is_none() {
    let files = format!(
        "{GOAL}#- over1/a.yaml
kind: Goal
metadata: {{ name: checkout }}
spec: {{ indicator: {{ $patch: delete }} }}
#- over2/a.yaml
kind: Goal
metadata: {{ name: checkout }}
spec: {{ extra: {{ list: [{{ id: one, $patch: delete }}] }} }}
"
    );
    let told = outcome(&files, false);
    let mut lines = told.lines();
    assert_eq!(
        lines.next().unwrap(),
        "overlay-patch over1/a.yaml:3:22 `$patch` applies to a whole manifest, and this is a part of one; write `null` as the value of a field to remove it"
    );
    assert_eq!(
        lines.next().unwrap(),
        "overlay-patch over2/a.yaml:3:36 `$patch` applies to a whole manifest, and this is a part of one; a list in an overlay replaces the whole list: write all items that you want to keep"
    );
    assert!(lines.next().unwrap().starts_with("Goal/checkout"));
}

#[test]
fn a_manifest_of_an_overlay_that_nearly_has_the_name_of_another_one_gets_a_hint() {
    let add = |name: &str| {
        format!(
            "{GOAL}#- over1/a.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: {{ name: {name} }}
spec: {{ displayName: Checkout EU }}
"
        )
    };
    assert!(outcome(&add("chekcout"), false).starts_with(
        "overlay-near-base over1/a.yaml:3:19 this adds a Goal manifest, and `checkout` nearly has its name; to change the base manifest, write `name: checkout`"
    ));
    for other in ["checkout-eu", "checkout2", "lead"] {
        let told = outcome(&add(other), false);
        assert!(told.starts_with("Goal/"), "{told}");
    }
}

#[test]
fn keys_are_text_and_have_the_same_escape() {
    let file = "#- base.yaml
apiVersion: campaignctl.dev/v1
kind: Goal
metadata: { name: a }
spec: { extra: { \"$${var.b}\": 1, \"x$$${var.c\": 2, \"${var.d}\": 3 } }
";
    let told = outcome(file, false);
    assert!(told.starts_with("malformed-variable base.yaml:4:51 variables are not filled into keys; write the key out, or `$${var.` for the characters `${var.`\n"), "{told}");
    assert!(
        told.contains(r#"{"extra":{"${var.b}":1,"x$${var.c":2,"${var.d}":3}}"#),
        "{told}"
    );
}

proptest::proptest! {
    #[test]
    fn what_is_escaped_is_read_as_it_was(texts in proptest::collection::vec("[$]{0,3}([{]var[.]|[{]|x|[}])[a-z}]{0,3}[$]{0,2}([$][{]var[.]b[}])?", 1..6)) {
        let fields: serde_json::Map<String, Value> = texts
            .iter()
            .map(|text| (text.clone(), Value::from(texts.concat())))
            .collect();
        let spec = Value::from(fields);
        let manifest = serde_json::json!({
            "apiVersion": "campaignctl.dev/v1",
            "kind": "Goal",
            "metadata": { "name": "a" },
            "spec": { "extra": super::escaped(&spec) },
        });
        let mut base = Texts::default();
        base.documents = read(&mut base, "base.yaml", &manifest.to_string());
        let (composed, diags) = compose(Ingredients { base, ..Ingredients::default() });
        proptest::prop_assert!(diags.is_empty(), "{diags:?}");
        proptest::prop_assert_eq!(&composed.texts.documents[0].value["spec"]["extra"], &spec);
    }
}
