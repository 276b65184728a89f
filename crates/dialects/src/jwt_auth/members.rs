//! What may be set of it: the constants, filters and options that it looks at.

use doorward_core::site::{Member, MemberKind};
use serde_json::Value;

use super::settings::LONGEST;

const ALGORITHMS: &[&str] = &["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "EdDSA"];
const OTHERS: &[&str] = &["HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];
const HASHES: &[&str] = &["argon2id", "wordpress"];
const PLACES: &[&str] = &["local", "development", "staging", "production"];

/// The members; some are for the recorded editions alone.
pub(super) fn of(config: &Value) -> Vec<Member> {
    let is_recorded = config.get("edition").and_then(Value::as_str).is_some_and(|edition| edition != "documented");
    let seconds = MemberKind::Number { least: -LONGEST, most: LONGEST };
    let algorithm = MemberKind::Choice(if is_recorded { OTHERS } else { ALGORITHMS });
    let mut members = vec![
        Member::new("constants.JWT_AUTH_SECRET_KEY", "jwt_auth.secret", "key", MemberKind::Text, ""),
        Member::new("filters.jwt_auth_algorithm", "jwt_auth.algorithm", "key", algorithm, "HS256"),
        Member::new("filters.jwt_auth_expire", "jwt_auth.expire", "tokens", seconds, "0"),
        Member::new("filters.jwt_auth_not_before", "jwt_auth.not_before", "tokens", seconds, "0"),
    ];
    if is_recorded {
        members.extend([
            Member::new("uniform_errors", "jwt_auth.uniform_errors", "recorded", MemberKind::Switch, "false"),
            Member::new("rehash", "jwt_auth.rehash", "recorded", MemberKind::Choice(HASHES), "argon2id"),
            Member::new("options.using_application_passwords", "jwt_auth.used", "recorded", MemberKind::Row, "0"),
            Member::new("filters.wp_is_application_passwords_available", "jwt_auth.available", "recorded", MemberKind::Switch, ""),
            Member::new("constants.WP_ENVIRONMENT_TYPE", "jwt_auth.environment", "recorded", MemberKind::Choice(PLACES), ""),
        ]);
    }
    members.push(Member::accepts());
    members
}
