//! What is wrong with attributes.

use serde_json::json;

use super::PersonaKind;
use crate::kinds::testing::findings;

#[test]
fn typing_errors_are_found_and_what_is_new_is_kept() {
    let of = |attribute| findings::<PersonaKind>(&json!({ "attributes": [attribute] }));
    assert_eq!(
        of(json!({"type": "ctmrinfo", "info": {"ctype": "club"}})),
        [""; 0]
    );
    for (attribute, expected) in [
        (json!({"info": {}}), "persona-attribute-shape /attributes/0"),
        (
            json!({"type": "ctmrInfo", "info": {}}),
            "persona-attribute-unknown /attributes/0/type",
        ),
        (
            json!({"type": "impDisplay"}),
            "persona-attribute-shape /attributes/0/type",
        ),
        (
            json!({"type": "ctmrinfo", "info": {"ctyp": "club"}}),
            "persona-attribute-unknown /attributes/0/info/ctyp",
        ),
        (
            json!({"type": "ctmrinfo", "info": {"balance": "much"}}),
            "persona-attribute-shape /attributes/0/info/balance",
        ),
        (
            json!({"type": "ctmrinfo", "ctype": "club", "info": {}}),
            "persona-attribute-unknown /attributes/0/ctype",
        ),
        (
            json!({"type": "ctmrinfo"}),
            "persona-attribute-shape /attributes/0",
        ),
        (
            json!({"type": "cart", "totl": 3}),
            "persona-attribute-unknown /attributes/0/totl",
        ),
    ] {
        assert_eq!(of(attribute), [expected]);
    }
}
