//! The manual pages that a release carries.

use crate::support::binary;

#[test]
fn every_command_has_a_manual_page() {
    let folder = tempfile::tempdir().unwrap();
    let output = binary(folder.path()).args(["man", "man"]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let page = |name: &str| std::fs::read_to_string(folder.path().join("man").join(name)).unwrap();
    for (command, _) in campaignctl::cli::help_texts() {
        if command.ends_with(" man") {
            continue;
        }
        let text = page(&format!("{}.1", command.replace(' ', "-")));
        assert!(text.contains(".SH SYNOPSIS"), "{command}");
    }
    assert!(page("campaignctl-apply.1").contains("auto\\-approve"));
}
