//! What is struck out of project files, and what stays readable.

use super::*;

fn masked(line: &str, path: &str, file: &str) -> String {
    Planted::in_file(path, file).masked(line, file.find(line).unwrap_or_default())
}

#[test]
fn secrets_are_struck_out_and_columns_stay() {
    for (line, shown) in [
        (
            "  ledger: https://ann:pä@x.example/a@b",
            "  ledger: https://*********************", // where the host starts is not certain
        ),
        ("a: b://c@d e://f@g", "a: b://*********@g"),
        (
            "see https://x.example, me@x.example",
            "see https://x.example, me@x.example",
        ),
        (
            "domainApi: 'https://x.example/a?token=hush&b=c'",
            "domainApi: 'https://x.example/a?**************'",
        ),
        (
            "{ clientSecret: hush , bearer: { env: B } }",
            "{ clientSecret: **** , bearer: { env: B } }",
        ),
        (
            "credentials: { clientSecret: hush, password: word }",
            "credentials: { clientSecret: ****, password: **** }",
        ),
        ("refreshToken: \"hush\"", "refreshToken: ******"),
        ("password: { file: p }", "password: { file: p }"),
        ("bearer: {\"env\": P}", "bearer: {\"env\": P}"),
        ("bearer: { value: hush }", "bearer: ***************"),
        ("clientSecret: [hush, hush]", "clientSecret: ************"),
        (
            "  ledger: https://ann:p/w@x.example/a",
            "  ledger: https://*******@x.example**",
        ),
        (
            "  ledger: 'https://ann b:p w@x.example/a'",
            "  ledger: 'https://*********@x.example**'",
        ),
        (
            "  ledger: ann:p/w@x.example/a",
            "  ledger: *******@x.example**",
        ),
        ("password:", "password:"),
        ("{ env: LP_CLIENT_ID }", "{ env: LP_CLIENT_ID }"),
        ("{ env: SECRETLOOKINGVAR }", "{ env: **************** }"),
        ("{ env: sk_live_4eC39HqL }", "{ env: **************** }"),
        ("url: https://x.example/hook", "url: **********************"),
        (
            "notify: [{ url: https://x.example/hook }]",
            "notify: [{ url: ********************** }]",
        ),
    ] {
        assert_eq!(masked(line, "sub/campaignctl.yaml", line), shown);
    }
    let goal = "url: https://x.example/thanks?a=b";
    assert_eq!(masked(goal, "goals.yaml", goal), goal);
    let label = "labels: { team: ghp_16C7e42F292c6912E771 }";
    let shown = "labels: { team: ************************ }";
    assert_eq!(masked(label, "goals.yaml", label), shown);
}

/// A secret whose value is below its key is struck out there and in messages, whatever its shape.
#[test]
fn lists_and_mappings_below_the_key_of_a_secret_are_struck_out() {
    for below in [
        "hunter2",
        "- hunter2",
        "- [a, hunter2]",
        "- - hunter2",
        "value: hunter2",
        "a:\n      b: 'hunter2'",
    ] {
        for indent in ["    ", "  "] {
            if indent.len() == 2 && !below.starts_with('-') {
                continue;
            }
            let file = format!("x:\n  apiToken:\n{indent}{below}\n  rate: value\n");
            assert!(!struck(&file).contains("hunter2"), "{file}");
            assert!(struck(&file).contains("rate: value"), "{file}");
            assert_eq!(
                redacted("`hunter2` is a value", &file),
                "`********` is a value"
            );
        }
    }
    let file = "x:\n  password:\n    env: LP_PASSWORD\n  rate: 5\n";
    assert_eq!(struck(file), file);
}

#[test]
fn keys_and_addresses_inside_of_each_other_are_struck_out_once() {
    for (line, shown) in [
        ("token: token: a, token: b", "token: ********, token: *"),
        ("TOKEN: { token: a }", "TOKEN: ************"),
        (
            "a: [{ TOKEN: [a, {b: c}], d: e }]",
            "a: [{ TOKEN: ***********, d: e }]",
        ),
        ("a://b?c://d?e f://g?h", "a://b?******* f://g?*"),
        ("a://b@c://d@e", "a://*******@e"),
        ("env: env: a!, env: B", "env: *******, env: B"),
    ] {
        assert_eq!(masked(line, "campaignctl.yaml", ""), shown);
    }
    // Far too long, were each looked for from the start of the line or to its end: 20,000 times up to 160,000 letters.
    for part in ["token: ", "://a@b?", ":", "env: ", "token: { "] {
        let line = part.repeat(20_000);
        assert_eq!(masked(&line, "campaignctl.yaml", "").len(), line.len());
    }
}

#[test]
fn a_secret_is_struck_out_wherever_it_is_repeated() {
    let file = "credentials:\n  clientSecret:\n    hunter2\n  password: 'swordfish'\n";
    assert_eq!(
        masked("    hunter2", "campaignctl.yaml", file),
        "    *******"
    );
    assert_eq!(
        redacted("`hunter2` and `swordfish` are no mappings", file),
        "`********` and `********` are no mappings"
    );
}

const HUSH: &str = "Xq7hush/9Zsecret.Ab3";

/// The lines of a project file, each struck out.
fn struck(file: &str) -> String {
    let planted = Planted::in_file("campaignctl.yaml", file);
    let mut at = 0;
    let lines = file.split_inclusive('\n').map(|line| {
        at += line.len();
        planted.masked(line, at - line.len())
    });
    lines.collect()
}

/// What is wrong with a text as YAML.
fn complaints(text: &str) -> Vec<String> {
    let mut sources = crate::text::Sources::default();
    let file = sources.push(crate::text::Source {
        path: "campaignctl.yaml".to_owned(),
        text: text.to_owned(),
    });
    let (_, problems) = crate::text::yaml::parse(file, text, &crate::text::Limits::default());
    let diagnostics = problems
        .into_iter()
        .map(|problem| crate::diag::yaml::diagnostic(file, problem));
    diagnostics.map(|it| it.message).collect()
}

/// What somebody may write below a key of secrets, YAML or not.
const SHAPES: [&str; 46] = [
    "HUSH",
    "[HUSH]",
    "[a, [HUSH]]",
    "{ value: HUSH }",
    "{ bearer: { value: HUSH } }",
    "{ bearer: [HUSH] }",
    "{ url: { env: A, more: HUSH } }",
    "{ url: { env: HUSH } }",
    "{ url: { file: HUSH } }",
    "{ kind: HUSH, on: HUSH }",
    "{ on: [apply, HUSH] }",
    "{ HUSH: { env: A } }",
    "{ ? HUSH : a }",
    "{ ? [HUSH] : a }",
    "'HUSH'",
    "\"HUSH\"",
    "!HUSH a",
    "&HUSH a",
    "{ env: A } # HUSH",
    "\n      HUSH",
    "\n      - HUSH",
    "\n    - HUSH",
    "\n      value: HUSH",
    "\n      bearer: { value: a,\n HUSH: b }",
    "\n      bearer: |\n        first: x\n        HUSH\n",
    "\n      bearer: >-\n        first\n        HUSH\n",
    "\n      bearer: 'first\n        HUSH'",
    "\n      bearer: first\n        HUSH",
    "\n      # HUSH\n      bearer: { env: A }",
    "\n      url: { env: A } # HUSH\n      kind: slack",
    // No YAML any more.
    "[HUSH",
    "{ bearer: HUSH",
    "\"HUSH",
    "{ bearer: { env: A }\n      value: HUSH",
    "\n      bearer: { env: A }\n     value: HUSH",
    "\n      - a\n      b: HUSH",
    "@HUSH",
    "*HUSH",
    "{ env: *HUSH }",
    "[*HUSH, a]",
    "\n      <<: *HUSH",
    "[!HUSH]",
    "{ bearer: !<tag:HUSH> x }",
    "\n      bearer: -----BEGIN KEY-----\nHUSH\n  HUSH\n    HUSH",
    "\n    HUSH",
    "\n\tHUSH",
];

/// The keys of secrets, as they are and as they are misspelt.
const PLACES: [&str; 8] = [
    "credentials",
    "ledgerCredentials",
    "notify",
    "ledger_credentials",
    "Notify",
    "notfy",
    "credential",
    "'notify'",
];

#[test]
fn whatever_is_below_a_place_of_secrets_is_struck_out() {
    let mut count = 0;
    for place in PLACES {
        for shape in SHAPES {
            for file in [
                format!("{place}: {shape}\nproject: shop\n"),
                format!(
                    "environments:\n  test:\n    account: '1'\n    {place}: {shape}\n    rate: 5\n"
                ),
                format!("environments:\n  test: {{ {place}: {shape}\n  , rate: 5 }}\n"),
                format!(
                    "manifests: [a\nenvironments:\n  test:\n    {place}: {shape}\n    rate: 5\n"
                ),
            ] {
                let file = file.replace("HUSH", HUSH);
                let shown = struck(&file);
                assert_eq!(shown.len(), file.len(), "{file}");
                for part in ["Xq7hush", "9Zsecret", "Ab3"] {
                    assert!(!shown.contains(part), "{file}\n{shown}");
                }
                assert!(redacted(&format!("`{HUSH}` is no URL"), &file).len() > 8);
                for message in complaints(&file) {
                    let shown = redacted(&message, &file);
                    assert!(!shown.contains("hush"), "{file}\n{shown}");
                    assert!(!shown.contains("secret"), "{file}\n{shown}");
                }
                count += 1;
            }
        }
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn what_is_no_secret_stays_readable() {
    for file in [
        "environments:\n  test:\n    credentials: { username: { env: LP_USER }, password: { file: secrets/LivePerson-2026.txt } }\n    rate: five # a comment\n",
        "environments:\n  test:\n    notify:\n    - url: { env: SLACK_URL }\n      kind: slack\n      on: [apply, drift]\n    ledger: s3://bucket/key\n",
        "environments:\n  test:\n    ledgerCredentials:\n      user: { evn: }\n    account: '1' # of the shop\n",
        "environments: { test: { credentials: { bearer: { env: A } }, account: 12 } }\n",
    ] {
        assert_eq!(struck(file), file);
    }
    // A message is about what it is about.
    let file = "environments:\n  test:\n    notify: [https://x.example/a/b]\n";
    assert_eq!(
        redacted("`https://x.example/a/b` and `test`", file),
        "`********` and `test`"
    );
    // What an alias below means is a secret, too.
    let file = "hook: &hook https://x.example/a\nenvironments: { test: { notify: [*hook] } }\n";
    assert_eq!(
        struck(file),
        "hook: &hook *******************\nenvironments: { test: { notify: [*****] } }\n"
    );
    let file = "x: &c { bearer: [Summer2026], account: 5 }\ncredentials: *c\n";
    assert_eq!(
        struck(file),
        "x: &c { bearer: ************, account: * }\ncredentials: **\n"
    );
}

#[test]
fn paths_look_like_paths() {
    for path in [
        "secrets/token",
        "../lp_password_2026.txt",
        "/run/secrets/LivePersonToken",
        "C:\\Users\\Ann\\lp.key",
        "p",
        ".env",
        "geheim/pässword",
    ] {
        assert!(is_plausible_path(path), "{path}");
    }
    for secret in [
        "",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0In0.c2ln",
        "eyJhbGciOi",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "3f9a0c51b2",
        "c2VjcmV0IHdvcmRz==",
        "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "https://hooks.slack.com/services/T0A00/B00B0/Xx3Yy9",
        "https://ann:pw12@host/x",
        "https://host/x?token",
    ] {
        assert!(!is_plausible_path(secret), "{secret}");
    }
}

#[test]
fn names_of_variables_look_like_names() {
    for name in [
        "LP_CLIENT_SECRET",
        "lp_token",
        "TOKEN2",
        "B",
        "CI_JOB_TOKEN",
        "_X",
    ] {
        assert!(is_plausible_name(name), "{name}");
    }
    for secret in [
        "",
        "hunter2!",
        "3f9a0c",
        "a1b2c3d4e5f6",
        "SECRETLOOKINGVAR",
        "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
        "eyJhbGciOi.x.y",
    ] {
        assert!(!is_plausible_name(secret), "{secret}");
    }
}

/// Whatever is written where an address belongs, in whatever YAML or what is none any more: a line shows of it no more
/// than a scheme, a host and a path, and no complaint repeats the rest.
#[test]
fn no_line_shows_what_an_address_may_hide() {
    const SECRET: &str = "xQ9zz";
    let fields = [
        "    domainApi: VALUE",
        "    ledger: VALUE",
        "    ledger: [VALUE]",
        "    ledger:\n      - VALUE",
        "    ledger: >-\n      VALUE",
        "    ledgerLock: { term: 5m, address: VALUE, method: POST }",
        "    ledgerLock:\n      address: VALUE\n      method: LOCK",
        "    hosts: { sentinel: VALUE }",
        "    hosts:\n      accountConfigReadWrite: VALUE\n      sentinel: h.example",
        "    hosts: VALUE",
        "    handoffs: { write: true, url: VALUE }",
        "    notify: [{ url: VALUE }]",
        "    notify: [VALUE,\n      VALUE]",
    ];
    let odd = "/\\?#@:[]{},;'\"`|%&=*! \u{ff20}".chars().map(String::from);
    let odd: Vec<String> = odd
        .chain([" #", ", ", ": ", "%40", "%3A", "\n      ", ",\n      "].map(str::to_owned))
        .collect();
    let (mut count, mut turn) = (0, 0);
    for (field, scheme) in fields
        .iter()
        .flat_map(|field| ["https://", "https:", ""].map(|it| (field, it)))
    {
        for (it, quote) in odd
            .iter()
            .flat_map(|it| ["", "\"", "'"].map(|quote| (it, quote)))
        {
            // Of the users, each takes its turn with each quote.
            turn += 1;
            let user = match (turn + turn / 3) % 3 {
                0 => format!("bob:hush{it}{SECRET}"),
                1 => format!("hush{it}{SECRET}"),
                _ => format!("bob:1{it}{SECRET}"),
            };
            let is_path =
                scheme.is_empty() && user.starts_with("hush") && field.contains("ledger: ");
            if is_path
                || user.starts_with("hush") && "/\n".contains(&**it) && field.contains("ledger")
            {
                // The name of a file.
                continue;
            }
            let value = format!("{quote}{scheme}{user}@h.example/p{quote}");
            let field = field.replace("VALUE", &value);
            let file = format!("environments:\n  a:\n    account: '1'\n{field}\n    rate: no\n");
            let planted = Planted::in_file("campaignctl.yaml", &file);
            let mut at = 0;
            for line in file.split_inclusive('\n') {
                let shown = planted.masked(line.trim_end_matches('\n'), at);
                assert!(!shown.contains(SECRET), "`{shown}` of\n{file}");
                at += line.len();
            }
            let said = redacted(&format!("`{value}` and `{SECRET}`"), &file);
            let is_comment = it == " #"; // nobody repeats a part of one
            assert!(is_comment || !said.contains(SECRET), "`{said}` of\n{file}");
            count += 1;
        }
    }
    assert!(count > 2_000, "{count}");
}
