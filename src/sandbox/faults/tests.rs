//! Faults as text: what is read, what is refused and how, and which requests they choose.

use std::fmt::Write as _;

use super::reference::{ACTIONS, OPTIONS, QUALIFIERS};
use super::{Fault, FaultError};

fn fault(text: &str) -> Fault {
    text.parse()
        .unwrap_or_else(|error: FaultError| panic!("{error}"))
}

fn complaint(text: &str) -> String {
    match text.parse::<Fault>() {
        Ok(fault) => panic!("{fault:?}"),
        Err(error) => match &error.help {
            Some(help) => format!("{error}\n  help: {help}\n"),
            None => format!("{error}\n"),
        },
    }
}

#[test]
fn every_form_has_an_example_that_is_read_and_shown_again() {
    for form in ACTIONS.iter().chain(OPTIONS).chain(QUALIFIERS) {
        let shown = fault(form.example).to_string();
        assert_eq!(shown, form.example);
        let word = form.word();
        let is_there = word == "STATUS" || word == "xN" || form.example.contains(word);
        assert!(
            is_there,
            "`{}` is no example of `{}`",
            form.example, form.form
        );
    }
}

#[test]
fn white_space_does_not_matter() {
    assert_eq!(fault("  PUT\t*   503  x3 "), fault("PUT * 503 x3"));
}

#[test]
fn a_mistake_is_shown_with_its_place_and_its_remedy() {
    let mistakes = [
        "",
        "PUTT * 503",
        "PUT",
        "PUT le-goals/goals 503",
        "PUT */goals?v=3.0 503",
        "PUT */goals/{id 503",
        "PUT *",
        "PUT * 302",
        "PUT * 5o3",
        "PUT * los",
        "PUT * sometimes",
        "PUT * delay",
        "PUT * delay soon",
        "PUT * delay 2h",
        "PUT * 503 thrice",
        "PUT * 503 x0",
        "PUT * 503 x3 once",
        "PUT * 503 every 0",
        "PUT * 503 after",
        "PUT * 503 p 1.5",
        "PUT * 503 seed 7",
        "PUT * race edit: once",
        "PUT * truncate after-commit",
        "PUT * 503 after-commit before-commit",
        "PUT * lost retry-after 2",
        "PUT * 429 retry-after soon",
        "GET * redirect nowhere",
        "GET * redirect 200 http://127.0.0.1",
        "GET */Größe/… 503 ofter 2",
    ];
    let told = mistakes.iter().fold(String::new(), |mut told, mistake| {
        let _ = writeln!(told, "{}", complaint(mistake));
        told
    });
    insta::assert_snapshot!(told, @"
    the method is missing
      
      ^

    `PUTT` is not a method
      PUTT * 503
      ^^^^
      help: did you mean `PUT`?

    the path is missing
      PUT
         ^

    a path begins with `/` or `*`
      PUT le-goals/goals 503
          ^^^^^^^^^^^^^^
      help: write `*/le-goals/goals` for paths that end so

    the query is not part of the path
      PUT */goals?v=3.0 503
                 ^^^^^^
      help: leave it out: a fault does not look at it

    the brace is not closed
      PUT */goals/{id 503
                  ^^^
      help: `{id}` matches one part of a path, `*` any text

    the action is missing
      PUT *
           ^

    `302` is not a status from 400 to 599
      PUT * 302
            ^^^
      help: 202 is `loading`, 301 to 308 are `redirect`

    `5o3` is not a status from 400 to 599
      PUT * 5o3
            ^^^
      help: 202 is `loading`, 301 to 308 are `redirect`

    `los` is not an action
      PUT * los
            ^^^
      help: did you mean `lost`?

    `sometimes` is not an action
      PUT * sometimes
            ^^^^^^^^^
      help: it is one of `STATUS`, `lost`, `delay`, `truncate`, `expire-token`, `race`, `move`, `loading`, `garbage`, `short`, `redirect`

    the time is missing
      PUT * delay
                 ^

    `soon` is not a time of at most 10 minutes
      PUT * delay soon
                  ^^^^
      help: write `200ms`, `1.5s` or `1m`

    `2h` is not a time of at most 10 minutes
      PUT * delay 2h
                  ^^
      help: write `200ms`, `1.5s` or `1m`

    `thrice` is not an option or a qualifier
      PUT * 503 thrice
                ^^^^^^
      help: it is one of `before-commit`, `after-commit`, `retry-after`, `retry-after-date`, `xN`, `once`, `every`, `after`, `p`, `seed`

    `x` needs a number from 1, as in `x3`
      PUT * 503 x0
                ^^

    `once` cannot be combined with `x3`
      PUT * 503 x3 once
                   ^^^^

    `0` is not a number from 1
      PUT * 503 every 0
                      ^

    a number of requests is missing
      PUT * 503 after
                     ^

    a chance is a number from 0 to 1
      PUT * 503 p 1.5
                  ^^^

    a seed belongs to a chance
      PUT * 503 seed 7
                ^^^^
      help: write `p 0.1 seed 7`

    `edit:` is not an option or a qualifier
      PUT * race edit: once
                 ^^^^^
      help: it is one of `before-commit`, `after-commit`, `retry-after`, `retry-after-date`, `xN`, `once`, `every`, `after`, `p`, `seed`

    this action has no `after-commit`
      PUT * truncate after-commit
                     ^^^^^^^^^^^^
      help: a status, `lost`, `delay` and `garbage` have it

    `before-commit` cannot be combined with `after-commit`
      PUT * 503 after-commit before-commit
                             ^^^^^^^^^^^^^

    this action has no `retry-after`
      PUT * lost retry-after 2
                 ^^^^^^^^^^^
      help: a status has it, as in `429 retry-after 2`

    `soon` is not a number of seconds
      PUT * 429 retry-after soon
                            ^^^^

    `nowhere` is not an address
      GET * redirect nowhere
                     ^^^^^^^
      help: write `http://host:port`

    a redirect is 301, 302, 303, 307 or 308
      GET * redirect 200 http://127.0.0.1
                     ^^^

    `ofter` is not an option or a qualifier
      GET */Größe/… 503 ofter 2
                        ^^^^^
      help: did you mean `after`?
    ");
}

#[test]
fn hostile_texts_are_refused_in_time() {
    let long = format!("GET /{} 503", "a".repeat(2000));
    assert!(complaint(&long).starts_with("a fault has at most 1000 letters"));
    let stars = fault(&format!("GET {} 503", "*a".repeat(400)));
    assert!(stars.path.matches(&"a".repeat(5000)));
    assert!(!stars.path.matches(&format!("{}b", "a".repeat(5000))));
}

#[test]
fn patterns_match_whole_paths() {
    let cases = [
        ("*", "/a/b", true),
        ("*/goals", "/x/goals", true),
        ("*/goals", "/x/goals/1", false),
        ("*/goals/{id}", "/x/goals/1", true),
        ("*/goals/{id}", "/x/goals/", false),
        ("*/campaigns/{id}", "/x/campaigns/1/engagements", false),
        (
            "*/campaigns/{id}/engagements",
            "/x/campaigns/1/engagements",
            true,
        ),
        ("*/engagements/*", "/x/campaigns/1/engagements/2", true),
        ("/a*c", "/abc", true),
        ("/a*c", "/abcd", false),
        ("/a", "/a", true),
        ("*ab*ab", "/ab", false),
        ("*ab*ab", "/abcab", true),
        ("*{a}/x/{b}", "/1/x/y/x/2", true),
        ("*/x/{id}/y", "/x/1/x/2/y", true),
        ("*Größe", "/die/Größe", true),
    ];
    for (pattern, path, expected) in cases {
        let fault = fault(&format!("GET {pattern} 503"));
        assert_eq!(fault.path.matches(path), expected, "{pattern} {path}");
    }
}

/// Which of the first twenty matching requests are struck.
fn series(when: &str) -> String {
    let schedule = fault(&format!("* * 503 {when}")).schedule;
    let mut struck = 0;
    (1..=20)
        .map(|matched| {
            let strikes = schedule.strikes(matched, struck);
            struck += u64::from(strikes);
            if strikes { 'X' } else { '.' }
        })
        .collect()
}

#[test]
fn qualifiers_choose_the_same_requests_in_each_run() {
    let all = [
        "",
        "once",
        "x3",
        "every 3",
        "after 5",
        "after 5 every 3",
        "every 4 x2",
        "p 0.3",
        "p 0.3 seed 7",
        "p 0.3 seed 7 x2",
        "p 0",
        "p 1 after 18",
    ];
    let shown = all.iter().fold(String::new(), |mut shown, when| {
        let _ = writeln!(shown, "{} {when}", series(when));
        shown
    });
    insta::assert_snapshot!(shown, @"
    XXXXXXXXXXXXXXXXXXXX 
    X................... once
    XXX................. x3
    ..X..X..X..X..X..X.. every 3
    .....XXXXXXXXXXXXXXX after 5
    .......X..X..X..X..X after 5 every 3
    ...X...X............ every 4 x2
    ..XX.......XX..XX... p 0.3
    X.....XX.XXXX....X.X p 0.3 seed 7
    X.....X............. p 0.3 seed 7 x2
    .................... p 0
    ..................XX p 1 after 18
    ");
}
