//! Files of recipients: texts in, complaints out; and nothing of a recipient in any of it.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::report::diagnostics::render_text;

fn key() -> DigestKey {
    DigestKey::of("a key for tests that is long enough").unwrap()
}

fn columns() -> Columns {
    Columns {
        consumer: "id".to_owned(),
        variables: [("1".to_owned(), "name".to_owned())].into(),
    }
}

fn reading(form: RecipientForm, text: &str) -> RecipientReading<&[u8]> {
    RecipientReading::new(form, text.as_bytes(), columns()).unwrap()
}

fn surveyed(form: RecipientForm, text: &str) -> RecipientSurvey {
    survey(reading(form, text), &key(), BATCH)
}

/// The complaints as people see them.
fn shown(form: RecipientForm, text: &str) -> String {
    let (diags, texts) = complaints("recipients.csv", &surveyed(form, text));
    render_text(&diags, &texts, false)
}

#[test]
fn every_fault_is_told_with_its_line_and_without_what_is_personal() {
    let text = "id,name,note\n4711,Ada,x\n,Bob,x\n4712,,\"a, b\"\n4711,Eve,x\n4713,Mal\n 4714,Una,x\n\n4715,\"A\tB\",x\n4716,Zoe,x\n";
    insta::assert_snapshot!(shown(RecipientForm::Csv, text), @r#"
    error[recipient-missing]: there is no value of `id`
     --> recipients.csv:3:1
      |
    3 | ,•••,•
      | ^
      |
      = help: add it, or remove the row

    error[recipient-missing]: there is no value of `name`
     --> recipients.csv:4:6
      |
    4 | ••••,,"•, •"
      |      ^
      |
      = help: add it, or remove the row

    error[recipient-twice]: this recipient is on line 2 already
     --> recipients.csv:5:1
      |
    5 | ••••
      | ^^^^
      |
      = help: remove one of the two

    error[recipient-malformed]: the row has 2 values, and there are 3 columns
     --> recipients.csv:6:1
      |
    6 | ••••,•••
      | ^^^^^^^^
      |
      = help: put a value with a separator in it between quotes

    error[recipient-malformed]: the value of `id` starts or ends with a blank
     --> recipients.csv:7:1
      |
    7 |  ••••,•••,•
      | ^^^^^
      |
      = help: remove the blank: it would be another consumer

    error[recipient-malformed]: the value of `name` has a control character
     --> recipients.csv:9:6
      |
    9 | ••••,"•••",•
      |      ^^^^^
      |
      = help: messages are text and emoji only: remove it

    6 errors in 1 file
    "#);
}

#[test]
fn lines_of_json_are_told_alike() {
    let text = "{\"id\":\"4711\",\"name\":\"Ada\"}\n\n{\"id\":4712,\"name\":\"Bob\"}\n{\"id\":\"4713\"}\n[]\nAda\n";
    insta::assert_snapshot!(shown(RecipientForm::JsonLines, text), @r#"
    error[recipient-malformed]: the value of `id` is not a text
     --> recipients.csv:3:1
      |
    3 | {"••":••••,"••••":"•••"}
      | ^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write it between quotes

    error[recipient-missing]: there is no value of `name`
     --> recipients.csv:4:1
      |
    4 | {"••":"••••"}
      | ^^^^^^^^^^^^^
      |
      = help: add it, or remove the row

    error[recipient-malformed]: the line is not an object
     --> recipients.csv:5:1
      |
    5 | []
      | ^^
      |
      = help: write an object on each line

    error[recipient-malformed]: the line is not JSON
     --> recipients.csv:6:1
      |
    6 | •••
      | ^^^
      |
      = help: write an object on each line

    4 errors in 1 file
    "#);
}

#[test]
fn a_key_that_is_there_twice_and_a_quote_that_is_open_are_told() {
    let said = |form, text: &str| {
        let found = surveyed(form, text);
        format!("{} {}", found.faults[0].message, found.faults[0].help)
    };
    let doubled = "{\"id\":\"4711\",\"id\":\"4712\",\"name\":\"Ada\"}\n";
    let told = said(RecipientForm::JsonLines, doubled);
    assert!(
        told.contains("a key of the object is there twice"),
        "{told}"
    );
    let open = "id,name,note\n4711,\"Ada,x\n4712,Bob,x\n";
    let told = said(RecipientForm::Csv, open);
    assert!(
        told.contains("a quote of this line is not closed"),
        "{told}"
    );
}

#[test]
fn the_first_line_names_the_columns() {
    for (text, expected) in [
        ("id;name\n4711;Ada\n", 1),
        ("\u{feff}id,name\r\n4711,Ada\r\n", 1),
        ("name\tid\nAda\t4711\n", 1),
        ("id,name\n\"47\n11\",\"A\"\n", 0),
    ] {
        let found = surveyed(RecipientForm::Csv, text);
        assert_eq!(found.count, expected, "{text:?} {:?}", found.faults);
    }
    insta::assert_snapshot!(shown(RecipientForm::Csv, "ID,name\n4711,Ada\n"), @"
    error[recipients-column]: there is no column `id`
     --> recipients.csv:1:1
      |
    1 | ID,name
      | ^
      |
      = help: did you mean `ID`?

    1 error in 1 file
    ");
    for text in ["", "id,name\n"] {
        let found = surveyed(RecipientForm::Csv, text);
        assert_eq!(found.faults[0].code.name, "recipients-count", "{text:?}");
    }
}

fn list(count: u32) -> String {
    let rows = (0..count).map(|number| format!("c{number},Name {number}\n"));
    std::iter::once("id,name\n".to_owned())
        .chain(rows)
        .collect()
}

#[test]
fn batches_are_known_again_and_only_with_the_key() {
    let text = list(250);
    let found = surveyed(RecipientForm::Csv, &text);
    assert_eq!(
        (found.count, found.batches.len(), found.fault_count),
        (250, 3, 0)
    );
    let batches = Batches::new(reading(RecipientForm::Csv, &text), key(), BATCH);
    let batches: Vec<_> = batches.map(Result::unwrap).collect();
    let sizes: Vec<usize> = batches.iter().map(|(batch, _)| batch.len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
    assert_eq!(batches[1].0[0].line, 102);
    let digests: Vec<_> = batches.into_iter().map(|(_, digest)| digest).collect();
    assert_eq!(digests, found.batches);
    let other = DigestKey::of("another key for tests that is long").unwrap();
    let other = survey(reading(RecipientForm::Csv, &text), &other, BATCH);
    assert_ne!(other.digest, found.digest);
    let changed = surveyed(RecipientForm::Csv, &text.replace("Name 120", "name 120"));
    assert_eq!(changed.batches[0], found.batches[0]);
    assert_ne!(changed.batches[1], found.batches[1]);
}

#[test]
fn too_many_recipients_are_not_read_to_the_end() {
    let found = surveyed(RecipientForm::Csv, &list(MOST + 7));
    assert_eq!(found.fault_count, 1);
    assert_eq!(found.faults[0].line, u64::from(MOST) + 2);
}

#[test]
fn an_endless_row_ends() {
    let text = format!("id,name\n4711,\"{}", "x".repeat(3 << 20));
    let found = surveyed(RecipientForm::Csv, &text);
    assert!(
        found.faults[0].message.contains("mebibyte"),
        "{:?}",
        found.faults
    );
}

fn recipients() -> Vec<Recipient> {
    let of = |line: u64, id: &str| Recipient {
        line,
        consumer: id.to_owned(),
        variables: BTreeMap::from([("1".to_owned(), format!("Name of {id}"))]),
    };
    vec![of(2, "ada"), of(3, "bob"), of(5, "eve"), of(6, "una")]
}

#[test]
fn an_answer_says_of_each_recipient_what_became_of_it() {
    let answer = json!({
        "proactiveCampaignId": "p1",
        "acceptedConsumers": [{ "id": "x", "consumerContent": { "inapp": "bob" } }],
        "failedConsumers": [
            { "id": "1", "errorMessage": "MISSING_VARIABLE=2" },
            { "id": "9", "consumerContent": { "inapp": "eve" }, "errorMessage": "eve is not here" },
            { "id": "9", "consumerContent": { "inapp": "stranger" }, "errorMessage": "INVALID_NUMBER" },
        ],
    });
    let found = Answered::of(&answer, &recipients()).unwrap();
    assert_eq!((found.campaign.as_str(), found.accepted), ("p1", 1));
    let told: Vec<String> = (found.failed.iter())
        .map(|it| format!("{} {}", it.line, it.reason))
        .collect();
    assert_eq!(told, ["2 MISSING_VARIABLE=2", "5 OTHER_REASON"]);
    assert_eq!(
        unknown(&found),
        ["6 the answer does not name this recipient"]
    );
    assert!(!found.by_position);
    assert_eq!(
        Answered::of(&json!({ "acceptedConsumers": [] }), &recipients()),
        None
    );
    assert_eq!(
        Answered::of(&json!({ "proactiveCampaignId": "p" }), &recipients()),
        None
    );
}

fn unknown(found: &Answered) -> Vec<String> {
    let unknown = found.unknown.iter();
    unknown
        .map(|it| format!("{} {}", it.line, it.reason))
        .collect()
}

/// Whoever resends to those who are told as failed sends twice where the platform sent to them.
#[test]
fn whom_an_answer_names_twice_is_neither_accepted_nor_refused() {
    let about = |position: usize, id: &str| json!({ "id": position.to_string(), "consumerContent": { "inapp": id } });
    let mut refused = about(1, "ada");
    refused["errorMessage"] = "INVALID_NUMBER".into();
    let answer = json!({
        "proactiveCampaignId": "p1",
        "acceptedConsumers": [about(1, "ada"), about(2, "bob"), about(2, "bob"), about(4, "una")],
        "failedConsumers": [refused],
    });
    let found = Answered::of(&answer, &recipients()).unwrap();
    assert_eq!((found.accepted, found.failed.len()), (2, 0));
    assert_eq!(
        unknown(&found),
        [
            "2 the answer both accepts and refuses this recipient: INVALID_NUMBER",
            "5 the answer does not name this recipient"
        ]
    );
    assert!(found.by_position);
}

/// The published reasons (platform.md#proactive-sends), and what is not one.
#[test]
fn published_reasons_come_out_and_nothing_of_a_recipient_does() {
    let said = |reason: &str| {
        let answer = json!({
            "proactiveCampaignId": "p1",
            "acceptedConsumers": [],
            "failedConsumers": [{ "id": "1", "errorMessage": reason }],
        });
        let of = |line: u64, id: &str| Recipient {
            line,
            consumer: id.to_owned(),
            variables: BTreeMap::from([("1".to_owned(), "Zorkvalue 33612345678".to_owned())]),
        };
        let found = Answered::of(&answer, &[of(2, "ada4711")]).unwrap();
        found.failed[0].reason.clone()
    };
    for reason in [
        "INVALID_NUMBER",
        "DUPLICATE_NUMBER",
        "MISSING_CONSUMER_INFORMATION==INAPP",
        "TOO_MANY_VARIABLES",
        "INSUFFICIENT_VARIABLES",
        "MISSING_VARIABLE=1",
        "VARIABLE_NOT_STRING=1",
        "TOO_MANY_HEADER_VARIABLES",
        "MISSING_HEADER_VARIABLE=1",
        "IMAGE_URL_NOT_WHITELISTED",
        "Fields missing in request: consumerContent, variables",
    ] {
        assert_eq!(said(reason), reason);
    }
    for (reason, told) in [
        (
            "Fields missing in request: variables of ada4711",
            "Fields missing in request: variables",
        ),
        (
            "Fields missing in request: [\"wa\"]",
            "Fields missing in request: wa",
        ),
        ("Fields missing in request", "Fields missing in request"),
        ("INVALID_NUMBER=33612345678", "OTHER_REASON"),
        ("INVALID_NUMBER=ADA4711", "OTHER_REASON"),
        ("INVALID_NAME=zorkvalue", "OTHER_REASON"),
        ("ZORKVALUE", "OTHER_REASON"),
        ("NO_SUCH_ZORKVALUE", "OTHER_REASON"),
        ("ada4711 is unknown", "OTHER_REASON"),
    ] {
        assert_eq!(said(reason), told, "{reason}");
    }
}

#[test]
fn messages_that_quote_a_part_of_a_recipient_are_left_out() {
    let recipients = [Recipient {
        line: 2,
        consumer: "m\u{fc}ller-2-Zork".to_owned(),
        variables: BTreeMap::from([
            ("1".to_owned(), "Zorkvalue \u{dc}mlaut4".to_owned()),
            ("2".to_owned(), "Ada 240".to_owned()),
        ]),
    }];
    let is_left_out = |text: &str| without_personal(text, &recipients).contains("left out");
    for text in [
        "400 id M\u{dc}LLER-2-ZORK not ok",
        "id mu\u{308}ller unknown",
        "400 name Zorkvalue and number +33612345678 refused",
        "`\u{fc}mlaut` is not a name",
        "Hi Ada, is refused",
        "ada7 is not there",
        "unknown: xZORKVALUEx",
        "no such value: Ada 240",
        // In a form that no comparison finds.
        "number +33 6 12 34 56 71 bad",
        "33.612.345.671 refused",
        "***5671 is blocked",
        "M&uuml;ller",
        "M\\u00fcller",
        "M%FCller",
    ] {
        assert!(is_left_out(text), "{text}");
    }
    // What holds a name by chance, and what a number of three digits says.
    for text in [
        "the metadata is not there",
        "the daily limit of 240 recipients is exceeded",
        "POST campaign: 400 there is no template H1",
    ] {
        assert!(!is_left_out(text), "{text}");
    }
}

#[test]
fn messages_that_quote_a_recipient_are_left_out() {
    let said = |text: &str| without_personal(text, &recipients());
    assert_eq!(said("there is no template H1"), "there is no template H1");
    for text in ["consumer ada is unknown", "`Name of bob` is too long"] {
        assert!(said(text).contains("left out"), "{text}");
    }
    assert_eq!(format!("{:?}", recipients()[0]), "Recipient(line 2)");
}
