//! What may be set of it: the switches of its API and of each endpoint, and how each endpoint wants to be proven to.

use doorward_core::site::{Member, MemberKind};
use serde_json::Value;

use super::endpoints::{ENDPOINTS, FEATURES, Habit};

const MODES: &[&str] = &["none", "simple", "basic"];

/// The members, each under the spelling that the rows have.
pub(super) fn of(config: &Value) -> Vec<Member> {
    let row = |name: &str, word, group, default| Member::new(format!("settings.{name}"), word, group, MemberKind::Row, default);
    let mut members = vec![
        row("enable_api_access", "wncms.enable_api_access", "general", "1"),
        row("disable_core_update", "wncms.disable_core_update", "general", "0"),
        Member::new("settings.api_access_whitelist", "wncms.api_access_whitelist", "general", MemberKind::Lines, ""),
        row("bearer", "wncms.bearer", "general", "0"),
        Member::new("settings.basic_realm", "wncms.basic_realm", "general", MemberKind::Text, ""),
        Member::accepts(),
    ];
    for group in FEATURES.iter().copied() {
        let place = match group {
            "post" => "wncms.post",
            "tag" => "wncms.tag",
            _ => "wncms.website",
        };
        members.push(row(&format!("enable_api_{group}"), "wncms.enable_group", place, "1"));
        for endpoint in ENDPOINTS {
            let Some((_, name)) = endpoint.feature().filter(|(of, _)| *of == group) else { continue };
            let habit = match endpoint.habit {
                Habit::Open => "none",
                Habit::Token => "simple",
            };
            let switch = row(&spelled(config, group, name, ""), "wncms.endpoint", place, "1");
            let mode = format!("settings.{}", spelled(config, group, name, "_should_auth"));
            let mode = Member::new(mode, "wncms.should_auth", place, MemberKind::Choice(MODES), habit);
            members.extend([switch, mode].map(|member| Member { of: endpoint.path, ..member }));
        }
    }
    members
}

/// The plural where the rows have it, else the singular.
fn spelled(config: &Value, group: &str, name: &str, ending: &str) -> String {
    let plural = format!("wncms_api_{group}s_{name}{ending}");
    let has_plural = config.get("settings").is_some_and(|rows| rows.get(&plural).is_some());
    if has_plural { plural } else { format!("wncms_api_{group}_{name}{ending}") }
}
