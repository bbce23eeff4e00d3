//! The formats that other programs lay down: complaints in, the whole document out.

use insta::assert_snapshot;
use serde_json::Value;

use super::*;
use crate::diag::Code;
use crate::diag::yaml;
use crate::text::{Limits, yaml::parse};

static CODE: Code = Code {
    name: "test-code",
    severity: Severity::Warning,
    title: "a test",
    why: "It is a test.",
    wrong: "a: 1",
    right: "a: 2",
};

/// A file with two complaints, one without any, and a warning about the run.
fn complaints() -> (Texts, Diags) {
    let (mut texts, mut diags) = (Texts::default(), Diags::default());
    let files = [
        ("shop/a, b.yaml", "weight: 1\nstate: no\nweight: 2\n"),
        ("shop/clean.yaml", "a: 1\n"),
    ];
    for (path, text) in files {
        let source = Source {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let file = texts.sources.push(source);
        let (documents, problems) = parse(file, text, &Limits::default());
        texts.documents.extend(documents);
        diags.extend(problems.into_iter().map(|it| yaml::diagnostic(file, it)));
    }
    let whole = "100 % <unused> & \u{1}\n::error::injected";
    diags.push(Diagnostic::new(&CODE, Location::Run, whole).help("remove it"));
    (texts, diags)
}

fn rendered(render: impl Fn(&ReportedFindings) -> String) -> String {
    let (texts, diags) = complaints();
    let path = |path: &str| format!("brand/{path}");
    render(&ReportedFindings::new(
        &diags,
        &texts,
        &path,
        "campaignctl.yaml",
    ))
}

#[test]
fn annotations_of_a_workflow() {
    let text = rendered(|it| render_github(it, "the text\n"));
    assert_snapshot!(text.replace('\u{1}', "(one)"), @r#"
    ::error file=brand/shop/a%2C b.yaml,line=3,endLine=3,col=1,endColumn=6,title=duplicate-key::the key `weight` is defined twice%0Ahelp: remove one of the two, or merge their content
    ::warning file=brand/campaignctl.yaml,title=test-code::100 %25 <unused> & \u{1}\n::error::injected%0Ahelp: remove it
    ::warning file=brand/shop/a%2C b.yaml,line=2,endLine=2,col=8,endColumn=9,title=ambiguous-scalar::`no` is read as text, not as a boolean%0Ahelp: quote it if you mean text: "no"; or write false
    ::group::All problems
    ::stop-commands::c523cbc48768a0e66ad1eb092e9a865f
    the text
    ::c523cbc48768a0e66ad1eb092e9a865f::
    ::endgroup::
    "#);
}

#[test]
fn ten_annotations_of_a_level_and_a_count_of_the_rest() {
    let mut diags = Diags::default();
    for number in 0..12 {
        diags.push(Diagnostic::new(
            &CODE,
            Location::Run,
            format!("number {number:02}"),
        ));
    }
    let texts = Texts::default();
    let findings = ReportedFindings::new(&diags, &texts, &str::to_owned, "campaignctl.yaml");
    let text = render_github(&findings, "");
    assert_eq!(text.matches("::warning").count(), 10);
    let notice = text.lines().find(|line| line.starts_with("::notice"));
    assert_snapshot!(notice.unwrap_or_default(), @"::notice title=campaignctl::2 more warnings: the log of this step has all of them");
}

#[test]
fn nothing_in_the_log_is_a_command() {
    let evil = "::error::injected\n::stop-commands::x\n";
    let text = rendered(|it| render_github(it, evil));
    let lines: Vec<&str> = text.lines().collect();
    let stop = lines
        .iter()
        .position(|it| it.starts_with("::stop-commands::"));
    let token = lines[stop.unwrap()].trim_start_matches("::stop-commands::");
    let end = lines.iter().position(|it| *it == format!("::{token}::"));
    let inside = &lines[stop.unwrap() + 1..end.unwrap()];
    assert_eq!(
        inside,
        [r":\u{3a}error::injected", r":\u{3a}stop-commands::x"]
    );
    assert!(!evil.contains(token));
}

#[test]
fn a_log_for_code_scanning() {
    assert_snapshot!(rendered(render_sarif), @r#"
    {
      "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "version": "2.1.0",
      "runs": [
        {
          "tool": {
            "driver": {
              "name": "campaignctl",
              "semanticVersion": "0.1.0",
              "informationUri": "https://campaignctl.dev",
              "rules": [
                {
                  "id": "ambiguous-scalar",
                  "shortDescription": {
                    "text": "a text without quotes looks like a boolean or a number"
                  },
                  "fullDescription": {
                    "text": "`no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some editors, see booleans and numbers. Quotes make every reader agree."
                  },
                  "defaultConfiguration": {
                    "level": "warning"
                  },
                  "help": {
                    "text": "`no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some editors, see booleans and numbers. Quotes make every reader agree.\n\nWrong:\n\nspec:\n  language: no\n\nRight:\n\nspec:\n  language: \"no\"",
                    "markdown": "`no`, `on`, `012` and `1_000` are text here. Readers of YAML 1.1, and some editors, see booleans and numbers. Quotes make every reader agree.\n\nWrong:\n\n```yaml\nspec:\n  language: no\n```\n\nRight:\n\n```yaml\nspec:\n  language: \"no\"\n```"
                  },
                  "properties": {
                    "tags": [
                      "configuration"
                    ],
                    "problem.severity": "warning"
                  }
                },
                {
                  "id": "duplicate-key",
                  "shortDescription": {
                    "text": "a key is defined twice in a mapping"
                  },
                  "fullDescription": {
                    "text": "YAML forbids it, and readers disagree about which of the two counts. One of them would be lost without a word."
                  },
                  "defaultConfiguration": {
                    "level": "error"
                  },
                  "help": {
                    "text": "YAML forbids it, and readers disagree about which of the two counts. One of them would be lost without a word.\n\nWrong:\n\nspec:\n  weight: low\n  state: published\n  weight: high\n\nRight:\n\nspec:\n  weight: high\n  state: published",
                    "markdown": "YAML forbids it, and readers disagree about which of the two counts. One of them would be lost without a word.\n\nWrong:\n\n```yaml\nspec:\n  weight: low\n  state: published\n  weight: high\n```\n\nRight:\n\n```yaml\nspec:\n  weight: high\n  state: published\n```"
                  },
                  "properties": {
                    "tags": [
                      "configuration"
                    ],
                    "problem.severity": "error"
                  }
                },
                {
                  "id": "test-code",
                  "shortDescription": {
                    "text": "a test"
                  },
                  "fullDescription": {
                    "text": "It is a test."
                  },
                  "defaultConfiguration": {
                    "level": "warning"
                  },
                  "help": {
                    "text": "It is a test.\n\nWrong:\n\na: 1\n\nRight:\n\na: 2",
                    "markdown": "It is a test.\n\nWrong:\n\n```yaml\na: 1\n```\n\nRight:\n\n```yaml\na: 2\n```"
                  },
                  "properties": {
                    "tags": [
                      "configuration"
                    ],
                    "problem.severity": "warning"
                  }
                }
              ]
            }
          },
          "columnKind": "unicodeCodePoints",
          "invocations": [
            {
              "executionSuccessful": true,
              "toolExecutionNotifications": []
            }
          ],
          "results": [
            {
              "ruleId": "test-code",
              "ruleIndex": 2,
              "level": "warning",
              "message": {
                "text": "100 % <unused> & \\u{1}\\n::error::injected\nhelp: remove it"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "brand/campaignctl.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 1,
                      "startColumn": 1,
                      "endLine": 1,
                      "endColumn": 1
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "campaignctl/v1": "97df4711f1d8da1295b1e3d925d0ced7abd936ff0c4028966273b68db4c5c070"
              }
            },
            {
              "ruleId": "ambiguous-scalar",
              "ruleIndex": 0,
              "level": "warning",
              "message": {
                "text": "`no` is read as text, not as a boolean\nhelp: quote it if you mean text: \"no\"; or write false"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "brand/shop/a%2C%20b.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 2,
                      "startColumn": 8,
                      "endLine": 2,
                      "endColumn": 10
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "campaignctl/v1": "f35f8edce443ec13bf97b9be4381eac47cad315eddb5dae7f7af4dd4b1419d4e"
              }
            },
            {
              "ruleId": "duplicate-key",
              "ruleIndex": 1,
              "level": "error",
              "message": {
                "text": "the key `weight` is defined twice\nhelp: remove one of the two, or merge their content"
              },
              "locations": [
                {
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "brand/shop/a%2C%20b.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 3,
                      "startColumn": 1,
                      "endLine": 3,
                      "endColumn": 7
                    }
                  }
                }
              ],
              "partialFingerprints": {
                "campaignctl/v1": "b3e9d7b6e2c0bf31cb69567ae18a0749f73d55bc8b6864c865b2f4ddecc9b2de"
              },
              "relatedLocations": [
                {
                  "id": 0,
                  "message": {
                    "text": "first here"
                  },
                  "physicalLocation": {
                    "artifactLocation": {
                      "uri": "brand/shop/a%2C%20b.yaml",
                      "uriBaseId": "%SRCROOT%"
                    },
                    "region": {
                      "startLine": 1,
                      "startColumn": 1,
                      "endLine": 1,
                      "endColumn": 7
                    }
                  }
                }
              ]
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn a_report_of_tests() {
    assert_snapshot!(rendered(render_junit), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="campaignctl validate" tests="3" failures="1" errors="0">
      <testsuite name="campaignctl validate" tests="3" failures="1" errors="0">
        <testcase classname="campaignctl validate" name="brand/campaignctl.yaml" file="brand/campaignctl.yaml">
          <system-out>brand/campaignctl.yaml: warning[test-code]: 100 % &lt;unused&gt; &amp; \u{1}\n::error::injected
    help: remove it</system-out>
        </testcase>
        <testcase classname="campaignctl validate" name="brand/shop/a, b.yaml" file="brand/shop/a, b.yaml">
          <failure type="duplicate-key" message="the key `weight` is defined twice">brand/shop/a, b.yaml:3:1: error[duplicate-key]: the key `weight` is defined twice
    help: remove one of the two, or merge their content</failure>
          <system-out>brand/shop/a, b.yaml:2:8: warning[ambiguous-scalar]: `no` is read as text, not as a boolean
    help: quote it if you mean text: &quot;no&quot;; or write false</system-out>
        </testcase>
        <testcase classname="campaignctl validate" name="brand/shop/clean.yaml" file="brand/shop/clean.yaml"/>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn a_report_of_code_quality() {
    assert_snapshot!(rendered(render_code_quality), @r#"
    [
      {
        "description": "100 % <unused> & \\u{1}\\n::error::injected\nhelp: remove it",
        "check_name": "test-code",
        "fingerprint": "97df4711f1d8da1295b1e3d925d0ced7abd936ff0c4028966273b68db4c5c070",
        "severity": "minor",
        "location": {
          "path": "brand/campaignctl.yaml",
          "lines": {
            "begin": 1,
            "end": 1
          }
        }
      },
      {
        "description": "`no` is read as text, not as a boolean\nhelp: quote it if you mean text: \"no\"; or write false",
        "check_name": "ambiguous-scalar",
        "fingerprint": "f35f8edce443ec13bf97b9be4381eac47cad315eddb5dae7f7af4dd4b1419d4e",
        "severity": "minor",
        "location": {
          "path": "brand/shop/a, b.yaml",
          "lines": {
            "begin": 2,
            "end": 2
          }
        }
      },
      {
        "description": "the key `weight` is defined twice\nhelp: remove one of the two, or merge their content",
        "check_name": "duplicate-key",
        "fingerprint": "b3e9d7b6e2c0bf31cb69567ae18a0749f73d55bc8b6864c865b2f4ddecc9b2de",
        "severity": "major",
        "location": {
          "path": "brand/shop/a, b.yaml",
          "lines": {
            "begin": 3,
            "end": 3
          }
        }
      }
    ]
    "#);
}

#[test]
fn failures_are_whole_documents() {
    assert_snapshot!(render_github_failure("no such folder", Some("make it")), @"::error title=campaignctl::no such folder%0Ahelp: make it");
    assert_snapshot!(render_junit_failure("no such folder"), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="campaignctl validate" tests="1" failures="0" errors="1">
      <testsuite name="campaignctl validate" tests="1" failures="0" errors="1">
        <testcase classname="campaignctl validate" name="run">
          <error type="failure" message="no such folder">no such folder</error>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
    assert_snapshot!(render_code_quality_failure("no such folder", "campaignctl.yaml"), @r#"
    [
      {
        "description": "no such folder",
        "check_name": "failure",
        "fingerprint": "8c27f3a79d81885b00c83c1d8388ccf80f10e6c2f3189faef3dbcf54db209460",
        "severity": "blocker",
        "location": {
          "path": "campaignctl.yaml",
          "lines": {
            "begin": 1,
            "end": 1
          }
        }
      }
    ]
    "#);
    let log: Value = serde_json::from_str(&render_sarif_failure("no such folder")).unwrap();
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        false
    );
}

#[test]
fn a_fingerprint_outlives_lines_added_above() {
    let of = |text: &str| {
        let (mut texts, mut diags) = (Texts::default(), Diags::default());
        let source = Source {
            path: "a.yaml".to_owned(),
            text: text.to_owned(),
        };
        let file = texts.sources.push(source);
        let (_, problems) = parse(file, text, &Limits::default());
        diags.extend(problems.into_iter().map(|it| yaml::diagnostic(file, it)));
        let findings = ReportedFindings::new(&diags, &texts, &str::to_owned, "campaignctl.yaml");
        let report: Value = serde_json::from_str(&render_code_quality(&findings)).unwrap();
        let prints = report.as_array().unwrap().iter();
        prints
            .map(|it| it["fingerprint"].clone())
            .collect::<Vec<_>>()
    };
    let before = of("a: 1\na: 2\na: 3\n");
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(before, of("# one more line\na: 1\na: 2\na: 3\n"));
}
