//! Why messages failed, without what may name someone.

use serde_json::Value;

/// The most characters of a reason.
const LONGEST: usize = 160;

/// The fewest characters of an id that is looked for in a reason: shorter ones are in every text.
const TELLING: usize = 3;

/// The fewest digits of a word that may be a number of someone.
const DIGITS: usize = 4;

/// What stands in the place of a word that may name someone.
const HIDDEN: &str = "•••";

/// The reason of a message that failed.
#[must_use]
pub fn reason(message: &Value) -> String {
    let text = |key: &str| message.get(key).and_then(Value::as_str);
    let said = text("errorMessage").filter(|it| !it.trim().is_empty());
    let Some(said) = said else {
        return match text("errorCode") {
            Some(code) => format!("error {}", without_personal(code, None)),
            None => "no reason given".to_owned(),
        };
    };
    without_personal(said, text("consumerId"))
}

/// A text without an id, and without words that may be a number or an address of someone.
fn without_personal(text: &str, consumer: Option<&str>) -> String {
    let consumer = consumer.filter(|it| it.chars().count() >= TELLING);
    let text = consumer.map_or_else(|| text.to_owned(), |it| text.replace(it, HIDDEN));
    let words = text.split_whitespace().map(|word| {
        let digits = word.chars().filter(char::is_ascii_digit).count();
        if digits >= DIGITS || word.contains('@') {
            HIDDEN
        } else {
            word
        }
    });
    let text = words.collect::<Vec<_>>().join(" ");
    text.chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reason_names_no_one() {
        let of = |message: Value| reason(&message);
        let failed = json!({ "errorMessage": "Message to Ada-7 failed", "consumerId": "Ada-7" });
        assert_eq!(of(failed), "Message to ••• failed");
        let failed = json!({ "errorMessage": "no route to +15550100301, ada@shop.example" });
        assert_eq!(of(failed), "no route to ••• •••");
        let failed = json!({ "errorMessage": "MISSING_VARIABLE=12", "consumerId": "12" });
        assert_eq!(of(failed), "MISSING_VARIABLE=12");
        assert_eq!(of(json!({ "errorCode": "400" })), "error 400");
        assert_eq!(of(json!({ "errorMessage": null })), "no reason given");
    }
}
