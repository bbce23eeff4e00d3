//! Hostile texts in, text that is safe in each medium out.

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::text::cases;

/// What people with access to the console can call a goal.
const EVIL: &str = "a\u{1b}[2J\n::error::b\r\u{202e}c\u{200b}\u{9b}1m\u{7f}\t##[add-mask]d";

#[test]
fn terminals_show_what_is_hidden() {
    assert_snapshot!(line(EVIL), @r"a\u{1b}[2J\n::error::b\r\u{202e}c\u{200b}\u{9b}1m\u{7f}\t#\u{23}[add-mask]d");
    assert_snapshot!(lines(EVIL), @r"
    a\u{1b}[2J
    :\u{3a}error::b\r\u{202e}c\u{200b}\u{9b}1m\u{7f}\t#\u{23}[add-mask]d
    ");
    assert_eq!(lines("  ::set-env::x"), "  :\\u{3a}set-env::x");
    // The second file of a complaint.
    assert_eq!(lines("  ::: b.yaml:1:2"), "  ::: b.yaml:1:2");
    assert_eq!(lines("::::error::x"), ":\\u{3a}::error::x");
    assert_eq!(
        line("## Heading, ##vso[task.x]"),
        "## Heading, #\\u{23}vso[task.x]"
    );
}

#[test]
fn styles_of_ours_stay_where_they_are_wanted() {
    let styled = "\u{1b}[1m\u{1b}[31mred\u{1b}[0m \u{1b}[8mhidden\u{1b}[0m\u{1b}[2K";
    assert_eq!(
        screen(styled, true),
        "\u{1b}[1m\u{1b}[31mred\u{1b}[0m \\u{1b}[8mhidden\u{1b}[0m\\u{1b}[2K"
    );
    assert!(!screen(styled, false).contains('\u{1b}'));
    let dim = "\u{1b}[2m  ::error::x\u{1b}[0m";
    assert_eq!(screen(dim, true), "\u{1b}[2m  :\\u{3a}error::x\u{1b}[0m");
}

#[test]
fn joiners_are_part_of_emoji_and_of_letters_that_are_joined() {
    for text in [
        "❤\u{fe0f}\u{200d}🔥",
        "👨\u{200d}👩\u{200d}👧 ❤\u{fe0f}",
        "می\u{200c}خواهم",
        "क्\u{200d}ष",
        "1\u{fe0f}\u{20e3}",
        "Café 宽 ☃",
    ] {
        assert_eq!(line(text), text);
        assert!(!has_hidden(text));
    }
    assert_eq!(
        line("pay\u{200d}pal a\u{fe0f}"),
        r"pay\u{200d}pal a\u{fe0f}"
    );
}

#[test]
fn documents_say_the_same_with_escapes() {
    assert_snapshot!(json_line(&["\u{9b}\u{202e}\u{e0041}##[x]"]).trim(), @r##"["\u009b\u202e\udb40\udc41#\u0023[x]"]"##);
    assert_snapshot!(quoted_yaml("\u{9b}\"\\\n\u{202e}\u{e0041}::x ##[y]"), @r##""\u009b\"\\\n\u202e\U000e0041::x #\x23[y]""##);
    assert_snapshot!(xml("\u{0}<\u{202e}>\u{ffff}"), @r"\u{0}<\u{202e}>\u{ffff}");
}

#[test]
fn spreadsheets_get_no_formula() {
    for (cell, safe) in [
        ("plain text", "plain text"),
        ("a \"b\", c", "\"a \"\"b\"\", c\""),
        ("=1+1", "\"'=1+1\""),
        (" @SUM(A1)", "\"' @SUM(A1)\""),
        ("\t=1", "\\t=1"),
        ("-5", "-5"),
        ("+1 555 0100", "\"'+1 555 0100\""),
        ("-2+3+cmd|' /C calc'!A0", "\"'-2+3+cmd|' /C calc'!A0\""),
    ] {
        assert_eq!(csv(cell), safe);
    }
}

#[test]
fn workflow_commands_end_where_we_end_them() {
    assert_snapshot!(workflow_data("100%\r\n::x::\u{1b}"), @r"100%25%0D%0A::x::\u{1b}");
    assert_snapshot!(workflow_property("a:b,c%2C"), @"a%3Ab%2Cc%252C");
}

#[test]
fn markdown_has_no_markup_and_pings_nobody() {
    assert_snapshot!(prose("goal `x|y` of @octo/team: <img src=x> [l](http://e) #1 **b**"), @"goal <code>x&#124;y</code> of <span>@</span>octo/team: &lt;img src=x&gt; &#91;l&#93;&#40;http<span>:</span>//e&#41; <span>#</span>1 &#42;&#42;b&#42;&#42;");
    assert_snapshot!(prose("an odd ` stays"), @"an odd &#96; stays");
    assert_snapshot!(code("@octo `x`"), @"`` @octo `x` ``");
    assert_snapshot!(code(r"a\|b"), @"<code>a&#92;&#124;b</code>");
    assert_snapshot!(comment("a --> <b>"), @"a_-____b_");
}

#[test]
fn labels_and_chats_get_text() {
    assert_snapshot!(dot("a\"\\\u{202e}\nb"), @r#""a\"\\\\u{202e}\nb""#);
    assert_snapshot!(mermaid("a\"<b>\n@c"), @r"a#34;#60;b#62;#92;n#64;c");
    assert_snapshot!(slack("<!channel>\u{202e}&"), @r"&lt;!channel&gt;\u{202e}&amp;");
    assert_snapshot!(teams("[l](http://e)\n"), @r"\[l\](http://e)\n");
}

/// Characters that are likely to have a meaning somewhere.
fn any_text() -> impl Strategy<Value = String> {
    let special = "\u{0}\u{7}\u{1b}\u{7f}\u{85}\u{9b}\r\n\t :@#[]()<>&|`*_~\\'\"=+-%,;.!$/w8mGHs\u{ad}\u{200b}\u{200d}\u{202e}\u{2028}\u{2066}\u{feff}\u{fe0f}\u{e0041}é宽👩";
    let special: Vec<char> = special.chars().collect();
    prop::collection::vec(
        prop_oneof![4 => prop::sample::select(special), 1 => any::<char>()],
        0..40,
    )
    .prop_map(String::from_iter)
}

fn shows_all(text: &str) -> bool {
    text.split('\n').all(|line| !has_hidden(line)) && !text.contains('\u{1b}')
}

/// A hidden character in an address keeps it from looking like one until it is shown.
#[test]
fn a_password_behind_what_is_hidden_is_struck_out() {
    for text in ["#\u{ad}@//", "https://me\u{ad}:secret@host/x"] {
        let shown = line(text).into_owned();
        assert_eq!(line(&shown), shown);
        assert_eq!(lines(&lines(text)), lines(text));
        assert!(!shown.contains("secret"), "{shown}");
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn nothing_hidden_comes_through(text in any_text()) {
        for shown in [line(&text).into_owned(), csv(&text), code(&text), prose(&text), workflow_data(&text), dot(&text), mermaid(&text), teams(&text)] {
            prop_assert!(!has_hidden(&shown) && !shown.contains("##["), "{shown:?}");
        }
        for shown in [lines(&text), json(&[&text]), html(&text).replace('\t', ""), xml(&text).replace('\t', ""), slack(&text)] {
            prop_assert!(shows_all(&shown), "{shown:?}");
        }
        prop_assert!(lines(&text).split('\n').all(|line| !line.trim_start().starts_with("::")));
    }

    #[test]
    fn documents_read_back(text in any_text()) {
        let read: Vec<String> = serde_json::from_str(&json(&[&text])).unwrap();
        prop_assert_eq!(&read[0], &text);
        let yaml = format!("k: {}\n", quoted_yaml(&text));
        let (documents, problems) = crate::text::yaml::parse(crate::text::FileId(0), &yaml, &crate::text::Limits::default());
        prop_assert!(problems.is_empty(), "{problems:?} {yaml}");
        prop_assert_eq!(&documents[0].value["k"], &serde_json::Value::from(text));
    }

    #[test]
    fn markdown_of_a_text_is_text(text in any_text()) {
        for shown in [prose(&text), summary_code(&text)] {
            let bare = shown.replace("<span>", "\u{1}").replace("</span>", "\u{1}").replace("<code>", "\u{1}").replace("</code>", "\u{1}");
            prop_assert!(!bare.contains(['<', '>', '[', ']', '*', '_', '`', '|', '\\', '~', '(', '$']), "{shown}");
            let bare = bare.replace("&#", "\u{2}"); // the start of an entity, whose number is no reference
            let is_mark = |at: usize, mark: char| {
                let behind = bare[at..].chars().nth(1).unwrap_or(' ');
                match mark {
                    '@' => behind != '\u{1}',
                    '#' => behind.is_ascii_alphanumeric(),
                    ':' => behind == '/',
                    _ => false,
                }
            };
            prop_assert!(!bare.char_indices().any(|(at, mark)| is_mark(at, mark)), "{shown}");
        }
        let shown = code(&text);
        prop_assert!(shown.starts_with('`') || shown.starts_with("<code>"));
    }

    #[test]
    fn showing_twice_is_showing_once(text in any_text()) {
        let shown = line(&text).into_owned();
        prop_assert_eq!(line(&shown).into_owned(), shown.clone());
        prop_assert_eq!(lines(&lines(&text)), lines(&text));
    }
}
