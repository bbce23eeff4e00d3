//! Tests that test something else than they say: misspelt attributes, journeys that go back in time, and what is closed that
//! was never there.

use insta::assert_snapshot;

use super::{GIVEN, WORLD, run, run_in};

/// A misspelt type is no error on the platform: the visit is another one than it says, whatever is asserted of it.
#[test]
fn an_attribute_of_an_unknown_type_tests_nothing() {
    assert_snapshot!(run("
    - when: { sections: [orders], attributes: [{ type: ctmrinof, info: { ctype: gold } }] }
      then: { offered: order }
    - when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctyp: gold } }] }
      then: { offered: order }
    - when: { sections: [orders], attributes: [{ type: ctmrinfo, info: { ctyp: gold } }] }
      then: { notOffered: [club-order] }
    - journey:
        - report: [{ type: eror, error: { code: declined } }]
        - when: { sections: [orders] }
          then: { mayBeOffered: [order] }
"), @r"
    failed case 1
      `ctmrinof` is not a known type of engagement attributes
    passed case 2
    failed case 3
      `ctyp` is not a known key of `ctmrinfo`
    failed case 4
      `eror` is not a known type of engagement attributes
    ");
    let rules = "
  always:
    - if: { sections: [orders], attributes: [{ type: ctmrinof, info: { ctype: gold } }] }
      then: { mayBeOffered: [order] }
  never:
    - offered: draft-order
      unless: { attributes: [{ type: ctmrinof, info: { ctype: gold } }] }
";
    assert_snapshot!(run_in(WORLD, &format!("{GIVEN}{rules}")), @r"
    failed always 1
      `ctmrinof` is not a known type of engagement attributes
      mayBeOffered: order: not at a visit where the time is 2026-03-29T00:29:59Z []
    failed never 1
      `ctmrinof` is not a known type of engagement attributes
    ");
}

#[test]
fn a_journey_does_not_go_back_in_time() {
    assert_snapshot!(run("
    - journey:
        - when: { sections: [orders], at: '2026-05-01T10:00:00[Europe/Paris]' }
        - when: { sections: [orders], at: '2026-05-01T09:59:59[Europe/Paris]' }
          then: { eligible: [order] }
    - journey:
        - report: [{ type: error, error: { code: declined } }]
        - after: 20m
        - when: { sections: [orders], at: '2026-05-01T10:00:00[Europe/Paris]' }
          then: { eligible: [order] }
        - after: 20m
          when: { sections: [orders], at: '2026-05-01T10:10:00[Europe/Paris]' }
          then: { eligible: [order] }
        - when: { sections: [orders], at: '2026-05-01T10:10:00[Europe/Paris]' }
          then: { eligible: [order] }
"), @r"
    failed case 1
      the journey goes back in time: the step before is at 2026-05-01T10:00:00+02:00[Europe/Paris]
    failed case 2
      the journey goes back in time: the step before is at 2026-05-01T10:20:00+02:00[Europe/Paris]
    ");
}

#[test]
fn only_what_was_there_can_be_closed() {
    let given = GIVEN.replace(
        "signedIn",
        "assume: { contest: priority, closed-in-app: not-again }, signedIn",
    );
    let journey = |steps: &str| {
        let steps = steps.replace('\n', "\n        ");
        run_in(
            WORLD,
            &format!("{given}  cases:\n    - journey:\n        {steps}\n"),
        )
    };
    let last = "- when: { sections: [orders], persona: member }\n  then: { notOffered: [rescue] }";
    let member = "- when: { sections: [orders], persona: member }";
    let all = [
        // Behind the club's, until that one is closed.
        format!("{member}\n- closes: [club-order]\n- closes: [order]\n{last}"),
        format!("{member}\n- closes: [order, club-order]\n{last}"),
        format!("{member}\n- closes: [order]\n{last}"),
        // For others, of another app, and of an unpublished campaign.
        format!(
            "- when: {{ sections: [orders] }}\n- closes: [club-order, mystery, draft-order]\n{last}"
        ),
        // Before the first visit, and in the session after it.
        format!("- closes: [order]\n{last}"),
        format!("- when: {{ sections: [orders] }}\n- after: 31m\n- closes: [order]\n{last}"),
        // On the second of the end of a session it may have been there.
        format!("- when: {{ sections: [orders] }}\n- after: 30m\n- closes: [order]\n{last}"),
    ];
    let told = all.map(|it| journey(&it));
    assert_snapshot!(told.join("\n"), @r"
    passed case 1

    passed case 1

    failed case 1
      no visit before it in the same session can be offered order: there is nothing to close

    failed case 1
      no visit before it in the same session can be offered club-order: there is nothing to close
      no visit before it in the same session can be offered mystery: there is nothing to close
      no visit before it in the same session can be offered draft-order: there is nothing to close

    failed case 1
      no visit before it in the same session can be offered order: there is nothing to close

    failed case 1
      no visit before it in the same session can be offered order: there is nothing to close

    passed case 1
    ");
}

/// What only looks like a section that is mentioned: in another case, with a whole name as a part, or one of another place.
#[test]
fn a_section_that_no_entry_point_of_the_place_mentions_tests_nothing() {
    let point = "conditions: [{type: section, data: {include: [{sections: [{name: '\"basket\"'}]}], exclude: []}}]";
    let world = format!(
        "{WORLD}---\n{{apiVersion: campaignctl.dev/v1, kind: EntryPoint, metadata: {{name: basket}}, spec: {{{point}}}}}\n---\n{{apiVersion: campaignctl.dev/v1, kind: Engagement, metadata: {{name: page}}, spec: {{campaign: care, type: overlay, entryPoints: [basket], behaviors: [any]}}}}\n"
    );
    let of = |place: &str, section: &str, assumed: &str| {
        let told = run_in(
            &world,
            &format!(
                "  {place}\n  at: 2026-06-01T12:00:00[Europe/Paris]\n  given: {{ agents: available, controlGroup: outside, conversation: none, signedIn: false, assume: {{ {assumed} }} }}\n  cases:\n    - when: {{ sections: ['{section}'] }}\n      then: {{ notOffered: [draft-order] }}\n"
            ),
        );
        told.contains("no entry point mentions")
    };
    let exact = "section-case: exact";
    // `orders` is a whole name of the app, `help` is a part, `basket` is one of the web.
    for (place, section, assumed, is_wrong) in [
        ("app: Shop", "orders", exact, false),
        ("app: Shop", "ORDERS", exact, true),
        ("app: Shop", "ORDERS", "section-case: ignored", false),
        ("app: Shop", "ORDERS", "", false),
        ("app: Shop", "my-orders-page", exact, true),
        ("app: Shop", "orders/1", exact, true),
        ("app: Shop", "help/delivery", exact, false),
        ("app: Shop", "HELP/delivery", exact, true),
        ("app: Shop", "…orders…", exact, false),
        ("app: Shop", "basket", exact, true),
        ("web: true", "basket", exact, false),
        ("web: true", "orders", exact, true),
    ] {
        assert_eq!(
            of(place, section, assumed),
            is_wrong,
            "{place} {section} {assumed}"
        );
    }
}

/// A case may be about a name that only resembles one: it says that the entry point fails.
#[test]
fn a_case_about_the_names_of_sections_says_so() {
    assert_snapshot!(run("
    - when: { sections: [my-orders] }
      then: { nothing: { because: { order: entryPoints } } }
    - when: { sections: [my-orders] }
      then: { nothing: {} }
    - when: { sections: [basket] }
      then: { nothing: { because: { order: entryPoints } } }
    - when: { sections: [my-orders], device: mobile, persona: member }
      then: { nothing: { because: { phone-help: entryPoints } } }
    - when: { sections: [shop/returns/orders] }
      then: { nothing: { because: { order: entryPoints } } }
    - when: { sections: [help/phone], device: mobile, persona: member }
      then: { nothing: { because: { phone-help: entryPoints } } }
    - when: { sections: [help/phoone], device: mobile, persona: member }
      then: { nothing: { because: { phone-help: entryPoints } } }
"), @r"
    passed case 1
    failed case 2
      no entry point mentions the section `my-orders`; did you mean `orders`?
    failed case 3
      no entry point mentions the section `basket`
    failed case 4
      no entry point mentions the section `my-orders`; did you mean `orders`?
    passed case 5
    passed case 6
    failed case 7
      no entry point mentions the section `help/phoone`; did you mean `help/phone`?
      nothing: offered: phone-help []
      because: phone-help: entryPoints: phone-help does not certainly fail []
    ");
}

#[test]
fn a_persona_and_a_matrix_without_anything_test_nothing() {
    let emptied = WORLD.replace(
        "spec: {attributes: [{type: ctmrinfo, info: {ctype: Gold}}]}",
        "spec: {attributes: []}",
    );
    let case = "
    - when: { persona: member, sections: [orders] }
      then: { notOffered: [draft-order] }
";
    assert_snapshot!(run_in(&emptied, &format!("{GIVEN}  cases:{case}")), @r"
    failed case 1
      the persona `member` has no `attributes`
    ");
    assert_snapshot!(run("
    - when: { sections: [orders] }
      matrix: { personas: [] }
      then: { notOffered: [draft-order] }
    - when: { persona: member }
      matrix: { sections: [], personas: [member] }
      then: { notOffered: [draft-order] }
"), @r"
    failed case 1
      `personas` is empty: the case has no visit
    failed case 2
      `sections` is empty: the case has no visit
    ");
}
