//! Tests of Goal.

use serde_json::json;

use super::GoalKind;
use crate::kinds::testing::{findings, kind_tests};

kind_tests!(GoalKind);

#[test]
fn only_url_indicators_need_an_address() {
    let raises = |indicator| findings::<GoalKind>(&json!({ "indicator": indicator }));
    assert_eq!(
        raises(json!({ "type": 0 })),
        ["goal-url-missing /indicator"]
    );
    assert_eq!(
        raises(json!({ "url": " ", "match": 0 })),
        ["goal-url-missing /indicator/url"]
    );
    assert_eq!(raises(json!({ "type": "interaction" })), [""; 0]);
    assert_eq!(raises(json!({ "type": 17, "count": 2 })), [""; 0]);
    assert_eq!(raises(json!({ "type": null })), [""; 0]);
}
