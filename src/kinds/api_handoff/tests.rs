//! What is particular to handoffs; the generic tests of kinds do the rest.

use serde_json::{Value, json};

use super::ApiHandoffKind;
use crate::kinds::KindDef;
use crate::kinds::mapping::{
    canonical, compare, create_body, let_go, lift, lift_once, overlay, without_defaults,
};
use crate::kinds::tests::{Ids, ManifestWorld};

static DEF: KindDef = KindDef::of::<ApiHandoffKind>();

fn lifted(body: &Value) -> Value {
    lift(&DEF, body, &Ids)
}

fn updated(body: &Value, spec: &Value) -> Value {
    let mut body = body.clone();
    overlay(&DEF, &mut body, spec, &Ids);
    body
}

/// That a create from the export of `body` sends `body` again.
fn assert_comes_back(body: &Value) {
    let exported = without_defaults(&DEF, &lifted(body));
    assert_eq!(create_body(&DEF, &exported, &Ids), *body, "{exported}");
}

#[test]
fn the_example_sends_what_the_web_tool_stores() {
    let spec = &ManifestWorld::read(DEF.example).0[0]["spec"];
    assert_eq!(
        create_body(&DEF, spec, &Ids),
        json!({
            "name": "Order updates", "routeAllWithinLookback": false,
            "lookbackPeriodDay": 2, "lookbackPeriodHour": 0,
            "channels": [{
                "type": "inapp", "language": "en",
                "appNames": ["com.example.shop.ios", "com.example.shop.android"],
                "messageComponents": [{
                    "type": "text", "messageText": "Hi ${{1}}, your order is on its way 📦",
                    "notificationTitle": "Order ${{2}}", "isSameMessageForNotification": true,
                    "variables": ["1", "2"],
                }],
            }],
        })
    );
}

#[test]
fn channels_keep_their_order_and_their_sections() {
    let body = json!({
        "name": "a", "routeAllWithinLookback": true,
        "channels": [
            { "type": "wa", "language": "en", "outboundnumber": "1", "namespace": "n", "templatename": "t",
              "messageComponents": [{ "type": "body", "content": "Hi ${{1}}", "variables": ["1"] }] },
            { "type": "sms-twilio", "outboundnumber": "2", "throttle": 3 },
            { "type": "googlercs", "serviceAccountName": "s", "cardOrientation": "VERTICAL" },
            { "type": "apple-twilio" },
        ],
    });
    assert_eq!(
        lifted(&body),
        json!({
            "displayName": "a", "routeReopened": true,
            "channel": ["whatsApp", "sms", "rcs", "appleMessages"],
            "whatsApp": {
                "language": "en", "outboundNumber": "1", "template": { "namespace": "n", "name": "t" },
                "components": [{ "type": "body", "content": "Hi ${{1}}", "variables": ["1"] }],
            },
            "sms": { "outboundNumber": "2", "extra": { "throttle": 3 } },
            "rcs": { "serviceAccountName": "s", "cardOrientation": "VERTICAL" },
        })
    );
    assert_comes_back(&body);
}

#[test]
fn an_image_keeps_its_spelling_of_variables() {
    for key in ["variables", "Variables"] {
        let image = json!({ "type": "image", "url": "${{1}}", key: ["1"] });
        let body = json!({ "routeAllWithinLookback": true, "channels": [
            { "type": "inapp", "messageComponents": [image] },
        ] });
        assert_eq!(lifted(&body)["image"]["variables"], json!(["1"]), "{key}");
        assert_comes_back(&body);
        let after = updated(&body, &json!({ "image": { "variables": ["2"] } }));
        let component = &after["channels"][0]["messageComponents"][0];
        assert_eq!(
            *component,
            json!({ "type": "image", "url": "${{1}}", key: ["2"] })
        );
    }
}

#[test]
fn what_has_no_friendly_form_stays_verbatim() {
    for channels in [
        json!([]),
        json!("inapp"),
        json!([{ "type": "fax" }]),
        json!([{ "type": "sms-twilio" }, { "type": "sms-twilio" }]),
        json!([{ "type": "inapp", "type2": null, "messageComponents": [] }]),
        json!([{ "type": "inapp", "messageComponents": [{ "type": "carousel" }] }]),
        json!([{ "type": "inapp", "messageComponents": [{ "type": "image" }, { "type": "text" }] }]),
        json!([{ "type": "inapp", "messageComponents": [{ "type": "text", "messageText": null }] }]),
        json!([{ "type": "inapp", "messageComponents": [
            { "type": "image", "variables": ["1"], "Variables": ["2"] }] }]),
    ] {
        assert_comes_back(&json!({ "routeAllWithinLookback": true, "channels": channels }));
    }
    for look_back in [
        json!({ "lookbackPeriodDay": 2 }),
        json!({ "lookbackPeriodHour": 30, "lookbackPeriodDay": 0 }),
    ] {
        let mut body = look_back.clone();
        body["routeAllWithinLookback"] = json!(true);
        assert_comes_back(&body);
    }
}

#[test]
fn an_update_keeps_what_the_manifest_does_not_say() {
    let live = json!({ "channels": [{
        "type": "inapp", "appNames": ["a"], "throttle": 1,
        "messageComponents": [{ "type": "text", "messageText": "old", "tone": "warm" }, { "type": "image", "url": "u" }],
    }] });
    let spec = json!({ "channel": "inApp", "appNames": ["b"], "message": { "text": "new" } });
    assert_eq!(
        updated(&live, &spec),
        json!({ "channels": [{
            "type": "inapp", "appNames": ["b"], "throttle": 1,
            "messageComponents": [{ "type": "text", "messageText": "new", "tone": "warm" }, { "type": "image", "url": "u" }],
        }] })
    );
    let without_image = updated(&live, &json!({ "image": null }));
    assert_eq!(
        without_image["channels"][0]["messageComponents"],
        json!([{ "type": "text", "messageText": "old", "tone": "warm" }])
    );
    assert_eq!(
        updated(&live, &json!({ "routeReopened": true }))["channels"],
        live["channels"]
    );
}

#[test]
fn a_null_section_takes_its_channel_away() {
    let live = json!({ "channels": [{ "type": "wa" }, { "type": "sms-twilio" }] });
    assert_eq!(
        updated(&live, &json!({ "sms": null })),
        json!({ "channels": [{ "type": "wa" }] })
    );
    assert_eq!(
        updated(&json!({}), &json!({ "sms": null, "message": null })),
        json!({})
    );
    assert_eq!(updated(&live, &json!({ "channel": null })), json!({}));
}

#[test]
fn spellings_compare_equal() {
    let same =
        |a: Value, b: Value| assert_eq!(canonical(&DEF, &a, &Ids), canonical(&DEF, &b, &Ids));
    same(
        json!({ "lookbackPeriod": "36h" }),
        json!({ "lookbackPeriod": "1d12h" }),
    );
    same(
        json!({ "channel": ["inApp"] }),
        json!({ "channel": "inApp" }),
    );
}

#[test]
fn both_directions_of_variables_are_compared() {
    let complaints = |spec: Value| {
        ManifestWorld(vec![
            json!({ "kind": "ApiHandoff", "metadata": { "name": "a" }, "spec": spec }),
        ])
        .complaints()
    };
    let code = "handoff-variables";
    assert_eq!(
        complaints(
            json!({ "message": { "text": "${{1}} ${{ 2 }} ${{1}}", "variables": ["2", "3"] } })
        ),
        [
            (code, "/message/text".to_owned()),
            (code, "/message/variables/1".to_owned())
        ]
    );
    assert_eq!(
        complaints(json!({ "channel": "sms", "sms": { "components": [
            { "type": "body", "content": "Hi ${{1}}", "variables": ["1"] },
            { "type": "body", "content": "Hi ${{2}}" },
        ] } })),
        [(code, "/sms/components/1/content".to_owned())]
    );
}

/// Channels as the vendor's page has them, names and numbers changed: texts carry `${{1}}`, addresses `{{1}}`.
#[test]
fn both_forms_of_a_variable_are_uses_of_it_and_stay_as_they_were_written() {
    let channels = [
        json!({ "type": "wa", "language": "en", "namespace": "n", "templatename": "booking_button",
            "outboundnumber": "15550100200", "messageComponents": [
                { "type": "body", "content": "Booking ${{1}}: ${{2}}", "variables": ["1", "2"] },
                { "type": "button", "index": 1, "content": "Link", "sub_type": "url",
                  "url": "https://www.example.com/{{1}}", "variables": ["1"] },
            ] }),
        json!({ "type": "inapp", "appNames": ["com.example.harbour"], "language": "en", "messageComponents": [
            { "type": "text", "messageText": "${{3}}", "notificationTitle": "we ${{1}}",
              "notificationMessage": "about ${{2}}", "isSameMessageForNotification": true,
              "variables": ["1", "2", "3"] },
            { "url": "https://www.example.com/{{4}}.png", "type": "image", "isClickable": true,
              "destinationUrl": "https://www.example.com", "Variables": ["4"] },
        ] }),
        json!({ "type": "googlercs", "serviceAccountName": "s", "cardOrientation": "VERTICAL",
            "messageComponents": [
                { "type": "media", "height": "medium", "content": "{{3}}", "Variables": ["3"] },
            ] }),
    ];
    for channel in channels {
        let body = json!({ "name": "a", "routeAllWithinLookback": false, "channels": [channel] });
        let spec = without_defaults(&DEF, &lifted(&body));
        let manifests = ManifestWorld(vec![
            json!({ "kind": "ApiHandoff", "metadata": { "name": "a" }, "spec": spec }),
        ]);
        let complaints = manifests.complaints();
        let about_variables = |(code, _): &(&str, String)| *code == "handoff-variables";
        assert!(!complaints.iter().any(about_variables), "{complaints:?}");
        assert_comes_back(&body);
    }
}

#[test]
fn a_channel_that_is_no_longer_named_is_the_one_that_the_rest_speaks_of() {
    let in_app = json!({ "channel": "inApp", "appNames": ["a.b"], "language": "en", "message": { "text": "Hi" } });
    let several = json!({
        "channel": ["whatsApp", "sms", "rcs"],
        "sms": { "outboundNumber": "1" }, "whatsApp": { "outboundNumber": "2" },
    });
    for (applied, instead) in [
        (in_app.clone(), json!("inApp")),
        (several, json!(["whatsApp", "sms"])),
        (json!({ "channel": "sms" }), Value::Null),
    ] {
        let mut wanted = applied.clone();
        wanted.as_object_mut().unwrap().shift_remove("channel");
        let_go(&DEF, &applied, &mut wanted, &applied);
        assert_eq!(wanted["channel"], instead, "{applied}");
    }
    // Nothing of the channels is declared any more.
    let mut wanted = json!({});
    let_go(&DEF, &in_app, &mut wanted, &in_app);
    assert_eq!(wanted["channel"], Value::Null);
}

/// What is unknown beside it makes nothing of a handoff unreadable, and nothing of it is written otherwise.
#[test]
fn what_is_known_is_read_beside_what_is_not() {
    let text = json!({ "type": "text", "messageText": "Hi", "variables": [] });
    let app = |components: Value| json!({ "type": "inapp", "appNames": ["com.example.shop"], "language": "en", "messageComponents": components });
    let carousel = json!({ "type": "carousel", "cards": [1] });
    let fax = json!({ "type": "fax", "number": "1" });
    for (channels, channel) in [
        (json!([app(json!([carousel, text]))]), json!("inApp")),
        (json!([fax, app(json!([text]))]), json!(["fax", "inApp"])),
        (
            json!([app(json!([text, { "type": "image" }, { "type": "image" }]))]),
            json!("inApp"),
        ),
    ] {
        let body = json!({ "name": "a", "routeAllWithinLookback": false, "lookbackPeriodDay": 2, "channels": channels });
        let live = lifted(&body);
        assert_eq!(live["message"]["text"], "Hi", "{live}");
        assert_eq!(live["appNames"], json!(["com.example.shop"]));
        assert_eq!(
            (&live["channel"], &live["lookbackPeriod"]),
            (&channel, &json!("2d"))
        );
        let rest = live["extra"]
            .get("channels")
            .unwrap_or(&live["inApp"]["extra"]);
        assert!(rest.is_object() || rest.is_array(), "{live}");
        let spec = json!({ "appNames": ["com.example.shop"], "message": { "text": "Hi" }, "lookbackPeriod": "48h" });
        let declared = canonical(&DEF, &spec, &Ids);
        assert_eq!(compare(DEF.fields, &declared, &live).differences, []);
        assert_eq!(updated(&body, &spec), body);
        assert_comes_back(&body);
        let exported = lift_once(&DEF, body.clone(), &Ids);
        assert_eq!(exported.get("message"), None);
        assert_comes_back(&create_body(&DEF, &exported, &Ids));
        let edited = updated(&body, &json!({ "message": { "text": "Hello" } }));
        assert_eq!(lifted(&edited)["message"]["text"], "Hello");
        assert!(edited.to_string().contains("carousel") == body.to_string().contains("carousel"));
    }
}

/// A patch of one channel says nothing of the others: all that they carry stays.
#[test]
fn an_update_of_one_channel_leaves_the_others_alone() {
    let section = |wire: &str| json!({ "type": wire, "language": "en", "outboundnumber": "+337", "messageComponents": [{ "type": "body", "content": "Hi" }], "unknown": 1 });
    let types = ["sms-twilio", "wa", "apple-twilio", "googlercs"];
    let channels: Vec<Value> = types.map(section).to_vec();
    let live = json!({ "name": "H", "channels": channels });
    for (at, word) in ["sms", "whatsApp", "appleMessages", "rcs"]
        .iter()
        .enumerate()
    {
        let mut wanted = live.clone();
        wanted["channels"][at]["language"] = json!("de");
        assert_eq!(
            updated(&live, &json!({ *word: { "language": "de" } })),
            wanted
        );
        let named = json!({ "channel": ["sms", "whatsApp", "appleMessages", "rcs"], *word: { "language": "de" } });
        assert_eq!(updated(&live, &named), wanted);
    }
}
