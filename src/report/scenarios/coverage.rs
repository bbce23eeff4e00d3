//! What tests look at, for people, for programs, and on the lines of the manifests: LCOV and Cobertura.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};
use schemars::JsonSchema;
use serde::Serialize;

use super::Tested;
use super::document::SourcePlace;
use crate::offers::{Coverage, CoverageGoal, CoverageItem, SeenCount};
use crate::text::Position;
use crate::text::safe::{line, xml as plain};

/// What tests look at, of all that there is.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct CoverageRow {
    /// The share that is looked at, in percent.
    percent: f64,
    /// How many items some visit of a test looks at.
    seen: usize,
    /// How many items there are.
    items: usize,
    /// The enabled engagements of published campaigns.
    engagements: usize,
    /// The items that no visit looks at.
    missing: Vec<MissingRow>,
}

/// Something that no visit of a test looks at.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MissingRow {
    /// The object, as kind and name.
    object: String,
    /// The place below its `spec`.
    pointer: String,
    /// `offered`, `withheld`, `true`, `false`, `deciding`, `before`, `after` or `skill`.
    goal: &'static str,
    /// What no visit shows.
    what: String,
    /// Why.
    why: String,
    /// Where it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    place: Option<SourcePlace>,
}

/// A share in percent with one decimal, rounded down: 100 % is all.
pub(super) fn rounded(percent: f64) -> f64 {
    (percent * 10.0).floor() / 10.0
}

pub(super) fn row(tested: &Tested<'_>, coverage: &Coverage) -> CoverageRow {
    let (seen, items) = coverage.count(None);
    let missing = missing(coverage).map(|(item, why)| MissingRow {
        object: item.spot.key.to_string(),
        pointer: item.spot.at.to_string(),
        goal: item.goal.word(),
        what: item.what.clone(),
        why: why.to_owned(),
        place: tested
            .position(&item.spot.key, &item.spot.at)
            .map(SourcePlace::from),
    });
    CoverageRow {
        percent: rounded(coverage.percent()),
        seen,
        items,
        engagements: coverage.engagements,
        missing: missing.collect(),
    }
}

fn missing(coverage: &Coverage) -> impl Iterator<Item = (&CoverageItem, &str)> {
    coverage.items.iter().filter_map(|item| match &item.seen {
        SeenCount::Missing(why) => Some((item, why.as_str())),
        SeenCount::By(_) => None,
    })
}

/// `Coverage: 71.4 % (20 of 28) of 3 engagements.`
pub(super) fn summary(coverage: &Coverage) -> String {
    let (seen, items) = coverage.count(None);
    let engagements = match coverage.engagements {
        1 => "1 engagement".to_owned(),
        count => format!("{count} engagements"),
    };
    let percent = rounded(coverage.percent());
    format!("Coverage: {percent} % ({seen} of {items}) of {engagements}.")
}

/// What tests look at, as people read it.
pub(super) fn text(tested: &Tested<'_>, coverage: &Coverage) -> String {
    let mut out = String::new();
    let named = [
        ("engagements offered", CoverageGoal::Offered),
        ("engagements withheld", CoverageGoal::Withheld),
        ("conditions true", CoverageGoal::True),
        ("conditions false", CoverageGoal::False),
        ("conditions deciding", CoverageGoal::Deciding),
        ("visits before dates", CoverageGoal::Before),
        ("visits after dates", CoverageGoal::After),
        ("skills", CoverageGoal::Skill),
    ];
    for (name, goal) in named {
        let (seen, all) = coverage.count(Some(goal));
        if all > 0 {
            let _ = writeln!(out, "{name:<21} {seen:>5} of {all}");
        }
    }
    let mut by_why: BTreeMap<&str, Vec<&CoverageItem>> = BTreeMap::new();
    for (item, why) in missing(coverage) {
        by_why.entry(why).or_default().push(item);
    }
    for (why, items) in by_why {
        let _ = writeln!(out, "\nNot covered: {}", line(why));
        for item in items {
            let position = tested.position(&item.spot.key, &item.spot.at);
            let place =
                position.map_or_else(String::new, |it| format!("  {}:{}", it.file, it.line));
            let _ = writeln!(out, "  {}{}", line(&item.what), line(&place));
        }
    }
    let _ = writeln!(out, "\n{}", summary(coverage));
    out
}

/// By line: what there is to see, and how often it was seen.
type CoverageLines<'c> = BTreeMap<u32, Vec<(&'c CoverageItem, usize)>>;

/// By file and line: what there is to see, and how often it was seen.
fn lines<'c>(
    tested: &Tested<'_>,
    coverage: &'c Coverage,
    path: &dyn Fn(&str) -> String,
) -> BTreeMap<String, CoverageLines<'c>> {
    let mut files: BTreeMap<String, CoverageLines<'_>> = BTreeMap::new();
    for item in &coverage.items {
        let Some(Position { file, line, .. }) = tested.position(&item.spot.key, &item.spot.at)
        else {
            continue;
        };
        let seen = match item.seen {
            SeenCount::By(count) => count,
            SeenCount::Missing(_) => 0,
        };
        let lines = files.entry(path(&file)).or_default();
        lines.entry(line).or_default().push((item, seen));
    }
    files
}

/// The LCOV report: a branch per item, on the line that it is written on.
#[must_use]
pub fn render_lcov(
    tested: &Tested<'_>,
    coverage: &Coverage,
    path: &dyn Fn(&str) -> String,
) -> String {
    let mut out = String::new();
    for (file, lines) in lines(tested, coverage, path) {
        // The name of the test says who made the report: only such a one is replaced by the next.
        let _ = writeln!(out, "TN:campaignctl\nSF:{}", line(&file));
        let (mut found, mut hit, mut whole) = (0, 0, 0);
        for (number, items) in &lines {
            for (branch, (_, seen)) in items.iter().enumerate() {
                let _ = writeln!(out, "BRDA:{number},0,{branch},{seen}");
                found += 1;
                hit += usize::from(*seen > 0);
            }
        }
        let _ = writeln!(out, "BRF:{found}\nBRH:{hit}");
        for (number, items) in &lines {
            let most = items.iter().map(|(_, seen)| *seen).max().unwrap_or(0);
            let _ = writeln!(out, "DA:{number},{most}");
            whole += usize::from(most > 0);
        }
        let _ = writeln!(out, "LF:{}\nLH:{whole}\nend_of_record", lines.len());
    }
    out
}

/// The Cobertura report.
#[must_use]
pub fn render_cobertura(
    tested: &Tested<'_>,
    coverage: &Coverage,
    path: &dyn Fn(&str) -> String,
) -> String {
    let files = lines(tested, coverage, path);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    let written = writer
        .write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
        .and_then(|()| cobertura(&mut writer, &files));
    debug_assert!(written.is_ok(), "writing to memory cannot fail");
    let mut text = String::from_utf8_lossy(&writer.into_inner()).into_owned();
    text.push('\n');
    text
}

/// The share of lines and of items that were seen, as Cobertura writes it.
fn rates(all: &[&CoverageLines<'_>]) -> [(&'static str, String); 6] {
    let lines = all.iter().flat_map(|it| it.values());
    let hit = lines
        .clone()
        .filter(|items| items.iter().any(|(_, seen)| *seen > 0));
    let items = lines.clone().flatten();
    let seen = items.clone().filter(|(_, seen)| *seen > 0);
    let (hit, lines, seen, items) = (hit.count(), lines.count(), seen.count(), items.count());
    let rate = |part: usize, whole: usize| {
        let number = |it: usize| f64::from(u32::try_from(it).unwrap_or(u32::MAX));
        let share = if whole == 0 {
            1.0
        } else {
            number(part) / number(whole)
        };
        format!("{share:.4}")
    };
    [
        ("line-rate", rate(hit, lines)),
        ("branch-rate", rate(seen, items)),
        ("lines-covered", hit.to_string()),
        ("lines-valid", lines.to_string()),
        ("branches-covered", seen.to_string()),
        ("branches-valid", items.to_string()),
    ]
}

fn cobertura(
    writer: &mut Writer<Vec<u8>>,
    files: &BTreeMap<String, CoverageLines<'_>>,
) -> io::Result<()> {
    let whole = rates(&files.values().collect::<Vec<_>>());
    let mut root = writer.create_element("coverage");
    for (name, value) in &whole {
        root = root.with_attribute((*name, value.as_str()));
    }
    let fixed = [("complexity", "0"), ("version", "1"), ("timestamp", "0")];
    root.with_attributes(fixed).write_inner_content(|writer| {
        let package = writer.create_element("packages");
        package.write_inner_content(|writer| {
            let [lines, branches, ..] = &whole;
            let rates = [
                (lines.0, lines.1.as_str()),
                (branches.0, branches.1.as_str()),
            ];
            let package = writer
                .create_element("package")
                .with_attribute(("name", "manifests"));
            let package = package
                .with_attributes(rates)
                .with_attribute(("complexity", "0"));
            package.write_inner_content(|writer| {
                let classes = writer.create_element("classes");
                classes.write_inner_content(|writer| {
                    files
                        .iter()
                        .try_for_each(|(file, lines)| class(writer, file, lines))
                })?;
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// A file, which Cobertura calls a class.
fn class(writer: &mut Writer<Vec<u8>>, file: &str, lines: &CoverageLines<'_>) -> io::Result<()> {
    let file = plain(file);
    let all = rates(&[lines]);
    let [line_rate, branch_rate, ..] = &all;
    let class = writer.create_element("class").with_attributes([
        ("name", &*file),
        ("filename", &*file),
        ("line-rate", line_rate.1.as_str()),
        ("branch-rate", branch_rate.1.as_str()),
        ("complexity", "0"),
    ]);
    class.write_inner_content(|writer| {
        writer.create_element("methods").write_empty()?;
        let all = writer.create_element("lines");
        all.write_inner_content(|writer| {
            for (number, items) in lines {
                let seen = items.iter().filter(|(_, seen)| *seen > 0).count();
                let most = items.iter().map(|(_, seen)| *seen).max().unwrap_or(0);
                let share = format!(
                    "{}% ({seen}/{})",
                    seen * 100 / items.len().max(1),
                    items.len()
                );
                let line = writer.create_element("line").with_attributes([
                    ("number", number.to_string().as_str()),
                    ("hits", most.to_string().as_str()),
                    ("branch", "true"),
                    ("condition-coverage", share.as_str()),
                ]);
                line.write_empty()?;
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}
