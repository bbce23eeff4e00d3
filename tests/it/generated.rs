//! What is generated out of the code is up to date, the README's table of kinds included.

use crate::program::{package, run};

#[test]
fn the_schemas_and_pages_are_up_to_date() {
    run(package(), &["schema", "--check", "schemas"]).expect(0);
}

#[test]
fn a_stale_or_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &["schema", "--write", "schemas"]).expect(0);
    run(folder.path(), &["schema", "--check", "schemas"]).expect(0);
    std::fs::write(folder.path().join("schemas/goal.schema.json"), "{}").unwrap();
    std::fs::remove_file(folder.path().join("schemas/kinds.md")).unwrap();
    let ran = run(folder.path(), &["schema", "--check", "schemas"]).expect(1);
    assert_eq!(
        ran.stderr,
        "error: not up to date: goal.schema.json, kinds.md\n  = help: run `campaignctl schema --write schemas`\n"
    );
}

#[test]
fn the_readme_has_the_table_of_kinds() {
    let read = |path: &str| {
        let text = std::fs::read_to_string(package().join(path)).unwrap();
        text.replace("\r\n", "\n")
    };
    let page = read("schemas/kinds.md");
    let table = &page[page.find('|').unwrap()..];
    let readme = read("README.md");
    let between = readme
        .split_once("<!-- kinds:start -->\n")
        .and_then(|(_, after)| after.split_once("<!-- kinds:end -->"));
    let (shown, _) =
        between.expect("the README has the marks `<!-- kinds:start -->` and `<!-- kinds:end -->`");
    assert_eq!(
        shown.trim(),
        table.trim(),
        "copy the table of schemas/kinds.md into README.md"
    );
}
