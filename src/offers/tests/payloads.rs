//! What is not known decides nothing: keys of a payload that are not documented, and which zone of the account a format is in.

use insta::assert_snapshot;

use super::shifts::{told, world};

/// A payload that is known but for one key.
#[test]
fn a_key_that_nobody_knows_leaves_a_condition_open() {
    let one = world("help");
    let changes = [
        ("{name: '\"orders\"'}", "{name: '\"orders\"', kind: 3}"),
        (
            "{name: '\"orders\"', kind: 3}",
            "{name: '\"orders\"', kind: 4}",
        ),
        (
            "{include: [{sections: [{name: '\"orders\"'",
            "{days: [1], include: [{sections: [{name: '\"orders\"'",
        ),
        (
            "name: all}, spec: {conditions: [{type: all}]",
            "name: all}, spec: {conditions: [{type: all, data: {days: [1]}}]",
        ),
        (
            "name: any}, spec: {conditions: [{type: all}]",
            "name: any}, spec: {conditions: [{type: all, data: {days: [1]}}]",
        ),
        (
            "{type: section, data: {include: [{sections: [{name: '\"orders\"'}]}], exclude: []}}",
            "{type: everywhere, data: {days: [1]}}",
        ),
    ];
    let mut all = String::new();
    for (old, new) in changes {
        let before = if old.contains("kind") {
            one.replace("{name: '\"orders\"'}", old)
        } else {
            one.clone()
        };
        let after = before.replace(old, new);
        assert_ne!(before, after, "{old}");
        all += &told(&before, &after, "contest=lottery");
    }
    assert_snapshot!(all, @r#"
    may change a {sections:[]} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming ["contest"]
    -
    may change a {} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming ["contest"]
    -
    may change a {sections:[]} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the value cannot be read (EntryPoint/orders/conditions/0)"] assuming ["contest"]
    -
    may change a {sections:[orders]} closed []  because ["the condition has no `means`, and its payload is not public (TargetAudience/all/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the condition has no `means`, and its payload is not public (TargetAudience/all/conditions/0)"] assuming []
    -
    may change a {sections:[orders]} closed []  because ["the condition has no `means`, and its payload is not public (Behavior/any/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the condition has no `means`, and its payload is not public (Behavior/any/conditions/0)"] assuming []
    -
    may change a {sections:[]} closed []  because ["the condition has no `means`, and its payload is not public (EntryPoint/orders/conditions/0)"] assuming []
    may change b {sections:[help]} closed []  because ["the condition has no `means`, and its payload is not public (EntryPoint/orders/conditions/0)"] assuming ["contest"]
    -
    "#);
    // A payload without any value says nothing.
    for nothing in ["{}", "{include: [], exclude: []}", "{days: null}"] {
        let after = one.replace("{type: all}", &format!("{{type: all, data: {nothing}}}"));
        assert_eq!(told(&one, &after, "contest=lottery"), "-\n", "{nothing}");
    }
    let after = one.replace("exclude: []", "exclude: [], days: null");
    assert_eq!(told(&one, &after, "contest=lottery"), "-\n");
}

/// Two engagements of the web, of which the second is new.
pub(super) fn web(a: &str, b: &str) -> String {
    let common = "{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {name: all}, spec: {conditions: [{type: everywhere}]}}\n---\n{apiVersion: campaignctl.dev/v1, kind: Campaign, metadata: {name: one}, spec: {state: published}}\n---\n";
    let engagement = |(name, rest): (&str, &str)| {
        format!(
            "{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: {name}}}, spec: {{campaign: one, source: web, entryPoints: [all], availability: always, availabilityForMessaging: always, {rest}}}}}\n---\n"
        )
    };
    let some = [("a", a), ("b", b)]
        .into_iter()
        .filter(|(_, rest)| !rest.is_empty());
    common.to_owned() + &some.map(engagement).collect::<String>()
}

#[test]
fn the_zone_of_a_format_may_be_any_of_the_account() {
    let (overlay, named) = ("type: overlay", "type: overlay, zones: [Overlay]");
    let right = "type: stickyButton, position: {type: rightEdge}";
    let pairs = [
        (overlay, overlay),
        (overlay, named),
        (named, named),
        (named, "type: overlay, zones: [Right]"),
        (right, "type: overlay, zones: [Right]"),
        (overlay, right),
        (overlay, "type: embedded"),
        (
            "type: embedded, zones: [Embedded]",
            "type: embedded, zones: [Embedded]",
        ),
        (
            "type: embedded, zones: [{id: 5}]",
            "type: embedded, zones: [Embedded, {id: 5}]",
        ),
        (
            "type: embedded, zones: [Embedded]",
            "type: embedded, zones: [hero]",
        ),
        (overlay, "type: embedded, zones: [Overlay]"),
        (named, "type: embedded, zones: [Overlay]"),
        (named, "type: embedded, zones: [hero]"),
    ];
    let all = pairs.map(|(a, b)| {
        let rows = told(&web(a, ""), &web(a, b), "");
        let of_a: Vec<&str> = rows.lines().filter(|row| row.contains(" a ")).collect();
        format!("{a} beside {b}:\n  {}\n", of_a.join("\n  "))
    });
    assert_snapshot!(all.concat(), @r#"
    type: overlay beside type: overlay:
      other odds a without these rivals -> with b {} closed []  because [] assuming ["undeclared"]
    type: overlay beside type: overlay, zones: [Overlay]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    type: overlay, zones: [Overlay] beside type: overlay, zones: [Overlay]:
      other odds a without these rivals -> with b {} closed []  because [] assuming ["undeclared"]
    type: overlay, zones: [Overlay] beside type: overlay, zones: [Right]:
      
    type: stickyButton, position: {type: rightEdge} beside type: overlay, zones: [Right]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    type: overlay beside type: stickyButton, position: {type: rightEdge}:
      
    type: overlay beside type: embedded:
      
    type: embedded, zones: [Embedded] beside type: embedded, zones: [Embedded]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    type: embedded, zones: [{id: 5}] beside type: embedded, zones: [Embedded, {id: 5}]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    type: embedded, zones: [Embedded] beside type: embedded, zones: [hero]:
      
    type: overlay beside type: embedded, zones: [Overlay]:
      
    type: overlay, zones: [Overlay] beside type: embedded, zones: [Overlay]:
      may change a {} closed []  because ["whether two engagements share a zone of the page is not known"] assuming ["undeclared"]
    type: overlay, zones: [Overlay] beside type: embedded, zones: [hero]:
    "#);
}
