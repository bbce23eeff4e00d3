//! Lists in which colleagues put engagements of their own: the files have what is ours, and of theirs what they name.

use serde_json::{Value, json};

use super::listing::{FILE, list, made_as, read};
use super::retail::{care, retail};
use crate::support::{CAMPAIGNS, NO_CHANGES, Project};

const DECLARED: &str = "engagements: [order-help, returns-help, help-center-card] # their order";

/// Puts the members of the list into another order, by their places now; what has none leaves the list.
fn ordered(project: &Project, places: &[usize]) {
    let ids = list(project);
    let ids: Vec<Value> = places.iter().map(|at| ids[*at].clone()).collect();
    let care = project.account.item_path(CAMPAIGNS, "Customer care");
    project
        .account
        .edit(&care, |body| body["engagementIds"] = json!(ids));
}

#[track_caller]
fn says(project: &Project, engagements: &str) {
    let text = read(project);
    let line = format!("  engagements: {engagements} # their order\n");
    assert!(text.contains(&line), "{line}{text}");
}

#[track_caller]
fn is_settled(project: &Project) {
    let before = list(project);
    assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
    project.run(&["apply", "--auto-approve"]).expect(0);
    assert_eq!(list(project), before);
}

/// A colleague's engagement wherever it is, and the campaign named or not: the order of ours is all that is taken over,
/// and the colleague may rename or delete it afterwards.
#[test]
fn nobody_elses_engagement_comes_into_the_files() {
    for (at, order, written) in [
        (
            1,
            [3, 2, 1, 0],
            "[help-center-card, returns-help, order-help]",
        ),
        (
            0,
            [0, 2, 1, 3],
            "[returns-help, order-help, help-center-card]",
        ),
        (
            3,
            [1, 0, 2, 3],
            "[returns-help, order-help, help-center-card]",
        ),
    ] {
        for named in [&[][..], &["Campaign/customer-care"]] {
            let project = care();
            let id = made_as(&project, "Konsole", at);
            ordered(&project, &order);
            let pull = [&["pull", "--write"], named].concat();
            let told = project.run(&pull).expect(0).stdout;
            assert!(
                told.contains("Pull: 1 field, 0 new manifests; 0 left."),
                "{told}"
            );
            let shown =
                format!("engagements: [order-help, returns-help, help-center-card] -> {written}");
            assert!(told.contains(&shown), "{told}");
            says(&project, written);
            is_settled(&project);
            let care = project.account.item_path(CAMPAIGNS, "Customer care");
            let (path, query) = care.split_once('?').unwrap();
            let item = format!("{path}/engagements/{}?{query}", crate::support::plain(&id));
            project.account.delete(&item);
            assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
        }
    }
}

#[test]
fn one_of_ours_that_left_the_list_leaves_the_file_alone() {
    let project = care();
    made_as(&project, "Konsole", 1);
    ordered(&project, &[0, 1, 3]);
    project.run(&["pull", "--write"]).expect(0);
    says(&project, "[order-help, help-center-card]");
    is_settled(&project);
}

/// Who wrote `{ live: .. }` into the list wants it there: it goes where it is in the account.
#[test]
fn what_the_file_names_goes_along() {
    let project = care();
    made_as(&project, "Konsole", 1);
    let text = read(&project).replace(
        DECLARED,
        "engagements: [order-help, { live: Konsole }, returns-help, help-center-card] # their order",
    );
    project.write(FILE, &text);
    made_as(&project, "Other", 0);
    ordered(&project, &[0, 4, 2, 3, 1]);
    project.run(&["apply", "--auto-approve"]).expect(0);
    ordered(&project, &[0, 1, 3, 4, 2]);
    project.run(&["pull", "--write"]).expect(0);
    is_settled(&project);
    let text = read(&project);
    assert!(text.contains("{ live: Konsole }"), "{text}");
    assert!(!text.contains("Other"), "{text}");
}

/// An apply that has nothing to write records the list all the same: what changes in the console afterwards is drift.
#[test]
fn a_list_with_a_live_engagement_is_recorded_by_an_apply_without_a_write() {
    for reference in ["live", "id"] {
        let project = care();
        let id = made_as(&project, "Konsole", 1);
        let item = match reference {
            "live" => "{ live: Konsole }".to_owned(),
            _ => format!("{{ id: {} }}", crate::support::plain(&id)),
        };
        let with = format!("[order-help, {item}, returns-help, help-center-card]");
        let text = read(&project).replace(DECLARED, &format!("engagements: {with} # their order"));
        project.write(FILE, &text);
        is_settled(&project);
        let ledger = project.ledger();
        is_settled(&project);
        assert_eq!(project.ledger(), ledger, "it is recorded once");
        // Out of the list: a plan puts it back, and nobody edited the file.
        ordered(&project, &[0, 2, 3]);
        let plan = project.run(&["plan"]).expect(0).stdout;
        assert!(plan.contains("(drift)"), "{plan}");
        project.run(&["pull", "--write"]).expect(0);
        says(&project, "[order-help, returns-help, help-center-card]");
        is_settled(&project);
    }
}

/// The order of ours alone is recorded, too.
#[test]
fn an_order_is_recorded_by_an_apply_without_a_write() {
    let project = care();
    made_as(&project, "Konsole", 1);
    ordered(&project, &[3, 2, 1, 0]);
    project.run(&["pull", "--write"]).expect(0);
    is_settled(&project);
    ordered(&project, &[1, 0, 2, 3]);
    let plan = project.run(&["plan"]).expect(0).stdout;
    assert!(plan.contains("(drift)") && !plan.contains("edit"), "{plan}");
    let told = project.run(&["pull", "--write"]).expect(0).stdout;
    assert!(told.contains("0 left"), "{told}");
    says(&project, "[returns-help, help-center-card, order-help]");
    is_settled(&project);
}

/// Written alone, the engagement would leave its campaign at the next apply.
#[test]
fn an_engagement_is_left_where_its_list_cannot_name_it() {
    for (list, told) in [
        ("${var.list}", "the value comes from `${var.list}`"),
        ("*order", "is an alias (`*`) of another place in the file"),
    ] {
        let project = care();
        let settings = std::fs::read_to_string(project.path().join("campaignctl.yaml")).unwrap();
        let names = "[order-help, returns-help, help-center-card]";
        let text = read(&project);
        let text = if list.starts_with('*') {
            text.replace(
                "  displayName: Customer care\n",
                &format!("  displayName: Customer care\n  extra: {{ note: &order {names} }}\n"),
            )
        } else {
            let settings = settings.clone() + &format!("    variables: {{ list: {names} }}\n");
            project.write("campaignctl.yaml", &settings);
            text
        };
        let text = text.replace(DECLARED, &format!("engagements: {list}"));
        project.write(FILE, &text);
        project.run(&["apply", "--auto-approve"]).expect(0);
        made_as(&project, "Konsole", 1);
        assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
        let others = ["Engagement", "--exclude", "Engagement/gift-card-button"];
        for asked in [&["Engagement/konsole"][..], &others] {
            let run = project
                .run(&[&["pull", "--write"], asked].concat())
                .expect(2);
            let said = run.stdout;
            assert!(
                said.contains("  ! Engagement/konsole  campaigns/customer-care.yaml:"),
                "{said}"
            );
            assert!(said.contains("Campaign/customer-care"), "{said}");
            assert!(said.contains(told), "{said}");
            assert!(
                said.contains("0 new manifests; 1 left. No file changes."),
                "{said}"
            );
            assert_eq!(read(&project), text);
            assert_eq!(project.run(&["plan"]).expect(0).stdout, NO_CHANGES);
        }
    }
}

#[test]
fn the_values_of_the_file_are_those_that_it_has() {
    // A conflict in a list with somebody else's engagement.
    let project = retail();
    made_as(&project, "Konsole", 1);
    ordered(&project, &[3, 2, 1, 0]);
    let swapped = "engagements: [returns-help, order-help, help-center-card] # their order";
    project.write(FILE, &read(&project).replace(DECLARED, swapped));
    let told = project.run(&["pull"]).expect(2).stdout;
    let shown = "engagements: [returns-help, order-help, help-center-card] in the file, [help-center-card, returns-help, order-help] in the account";
    assert!(told.contains(shown), "{told}");
    // A list that the file does not have.
    let project = retail();
    let club = project.account.item_path(CAMPAIGNS, "Loyalty club");
    project.account.edit(&club, |body| {
        body["engagementIds"].as_array_mut().unwrap().remove(0);
    });
    let file = "campaigns/loyalty-club.yaml";
    let text = std::fs::read_to_string(project.path().join(file)).unwrap();
    let engagement = text.rsplit_once("---\n").unwrap().1;
    let third = engagement
        .replace("name: club-style-advice", "name: club-third")
        .replace("Club style advice", "Club third");
    project.write(file, &format!("{text}---\n{third}"));
    let run = project.run(&["pull", "--format", "json"]);
    let json = run.json();
    let all = json["left"]
        .as_array()
        .unwrap()
        .iter()
        .chain(json["fields"].as_array().unwrap());
    let of_list: Vec<&Value> = all.filter(|it| it["path"] == "engagements").collect();
    assert_eq!(of_list.len(), 1, "{json}");
    let declared = of_list[0].get("declared").or(of_list[0].get("before"));
    assert_eq!(declared, Some(&Value::Null), "{json}");
    // A field that was taken out of the file, and goes back to its default.
    let text = std::fs::read_to_string(project.path().join(file)).unwrap();
    project.write(file, &text.replace("  weight: low\n", ""));
    project
        .account
        .edit(&club, |body| body["weight"] = json!(0.7));
    let json = project.run(&["pull", "--format", "json"]).json();
    let left = json["left"].as_array().unwrap();
    let of_weight = left.iter().find(|it| it["path"] == "weight");
    let of_weight = of_weight.unwrap_or_else(|| panic!("{json}"));
    assert_eq!(of_weight["declared"], Value::Null, "{json}");
    assert_eq!(of_weight["live"], "high", "{json}");
}

/// A list that an apply leaves as colleagues have it was not applied: the ledger goes on saying what was, so that the next
/// apply leaves it alone as well, and does so once nothing is ignored any more for the reason that it drifted.
#[test]
fn a_list_that_is_left_alone_goes_on_having_drifted() {
    // Ours in another order, and one of ours taken out.
    for order in [&[2, 1, 0][..], &[1, 2]] {
        for other in ["", "weight: low"] {
            let project = care();
            ordered(&project, order);
            let theirs = list(&project);
            if !other.is_empty() {
                let text = read(&project).replace("weight: medium", other);
                project.write(FILE, &text);
            }
            for _ in 0..2 {
                project
                    .run(&["apply", "--auto-approve", "--ignore-drift"])
                    .expect(0);
                assert_eq!(list(&project), theirs);
                project.run(&["drift"]).expect(2);
            }
            let told = project.run(&["plan"]).stdout;
            assert!(
                told.contains("(drift)") && !told.contains("(edit"),
                "{told}"
            );
        }
    }
    let project = care();
    let text = read(&project);
    let ignoring = "lifecycle:\n  ignoreChanges: [/spec/engagements]\n";
    let ignored = text.replacen("lifecycle:\n", ignoring, 1);
    assert_ne!(ignored, text);
    project.write(FILE, &ignored);
    project.run(&["apply", "--auto-approve"]).expect(0);
    ordered(&project, &[2, 1, 0]);
    project.run(&["apply", "--auto-approve"]).expect(0);
    project.write(FILE, &text);
    let told = project.run(&["plan"]).stdout;
    assert!(
        told.contains("(drift)") && !told.contains("(edit"),
        "{told}"
    );
}
