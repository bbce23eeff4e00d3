//! Any value is written so that it reads back, and nothing in it is hidden.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::text::safe::{has_hidden, lines};

/// Texts that YAML, terminals and pipelines read differently.
fn any_text() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a",
        " ",
        "\n",
        "\t",
        "\r",
        ":",
        "::",
        "\n::error::",
        "##[x]",
        "#",
        "-",
        "'",
        "\"",
        "\\",
        "{",
        "text",
        "0-",
        "no",
        "1e3",
        "\u{1b}[2J",
        "\u{7f}",
        "\u{85}",
        "\u{9b}",
        "\u{202e}",
        "\u{200b}",
        "\u{2028}",
        "\u{feff}",
        "\u{e0041}",
        "\u{1f468}\u{200d}\u{1f467}",
        "é",
        "${var.b}",
        "$",
    ]);
    prop::collection::vec(parts, 0..8).prop_map(|parts| parts.concat())
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => any_text().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => "-?[1-9][0-9]{0,30}([.][0-9]{1,30})?"
            .prop_map(|number| exact::read(number.as_bytes()).unwrap()),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_text(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_written_reads_back_and_hides_nothing(value in any_value()) {
        let manifest = json!({ "kind": "Goal", "spec": value });
        let yaml = format(FileId(0), &emit(&manifest)).unwrap();
        let (documents, problems) = yaml::parse(FileId(0), &yaml, &Limits::default());
        prop_assert!(problems.iter().all(YamlError::is_warning), "{problems:?}\n{yaml}");
        prop_assert_eq!(&*documents[0].value, &manifest);
        prop_assert!(yaml.split('\n').all(|line| !has_hidden(line)), "{yaml:?}");
        prop_assert_eq!(lines(&yaml), yaml.clone());
    }
}

#[test]
fn no_file_has_the_name_of_a_device() {
    for (name, stem) in [
        ("con", "con_"),
        ("nul.x", "nul_.x"),
        ("com1", "com1_"),
        ("lpt9.a.b", "lpt9_.a.b"),
        ("com", "com"),
        ("com10", "com10"),
        ("aux-2", "aux-2"),
        ("console", "console"),
        ("campaignctl", "campaignctl_"),
        ("campaignctl.yaml", "campaignctl.yaml"),
    ] {
        assert_eq!(names::stem(&Name::new(name).unwrap()), stem);
    }
}
