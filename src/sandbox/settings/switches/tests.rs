//! Every switch can be set and shown, and mistakes have a remedy.

use super::*;

#[test]
fn every_value_can_be_set_and_is_shown_again() {
    let mut settings = SandboxSettings::default();
    for switch in SWITCHES {
        let shown = switch.value(&settings);
        settings.set(&format!("{}={shown}", switch.name)).unwrap();
        assert_eq!(settings, SandboxSettings::default(), "{}", switch.name);
        let words = switch.values.iter().copied();
        let choices = words.filter(|word| !word.starts_with(|first: char| first.is_uppercase()));
        if let Some(first) = choices.clone().next() {
            assert_eq!(first, shown, "the default of {} comes first", switch.name);
        }
        for word in choices {
            settings.set(&format!("{}={word}", switch.name)).unwrap();
            assert_eq!(switch.value(&settings), word, "{}", switch.name);
        }
        settings = SandboxSettings::default();
    }
}

#[test]
fn values_are_read() {
    let mut settings = SandboxSettings::default();
    for assignment in [
        "token-lifetime=90s",
        "rate=10",
        "developer-bearer=off",
        "base-uri=host:1",
        "handoff-page=2",
        "monitoring-loading=3",
    ] {
        settings.set(assignment).unwrap();
    }
    assert_eq!(settings.app_token_lifetime, Duration::from_secs(90));
    assert_eq!(settings.rate.map(u32::from), Some(10));
    assert_eq!(settings.developer_bearer, None);
    assert_eq!(settings.base_uri.as_deref(), Some("host:1"));
    assert_eq!((settings.handoff_page, settings.monitoring_loading), (2, 3));
}

#[test]
fn mistakes_have_a_remedy() {
    let told = [
        "deleted",
        "delete=404",
        "deleted=405",
        "rate=0",
        "token-lifetime=-1s",
        "x=1",
    ]
    .map(|assignment| {
        let error = SandboxSettings::default().set(assignment).unwrap_err();
        let names: Vec<&str> = SWITCHES.iter().map(|switch| switch.name).collect();
        let help = error.help.replace(&names.join(", "), "<all of them>");
        format!("{error}\n  help: {help}\n")
    });
    insta::assert_snapshot!(told.concat(), @"
    `deleted` sets nothing
      help: write `NAME=VALUE`, as in `deleted=404`
    there is no switch `delete`
      help: did you mean `deleted`?
    `405` is not a value of the switch `deleted`
      help: it takes 410 | 404
    `0` is not a value of the switch `rate`
      help: it takes N | off
    `-1s` is not a value of the switch `token-lifetime`
      help: it takes TIME
    there is no switch `x`
      help: they are <all of them>
    ");
}
