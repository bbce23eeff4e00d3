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
