//! Published vectors, caps, and the equality of work.

use proptest::prelude::*;

use super::*;
use crate::credential::api_token::tests::Counting;
use crate::secret::Secret;

const ARGON2ID: &str = "$argon2id$v=19$m=19456,t=2,p=1$ZHhnb25zakJpVEMvYm9sYg$7O5ulwm+gmzJ9joFD97QDCfb0WHS+cCgm5SOgAgECk8";
const LARAVEL: &str = "$argon2id$v=19$m=1024,t=3,p=1$enhBWGVFTzdEWjYydVFRUg$At/VCo4B0JwJaZ2+UaKcJlE8pKf5GwpKhr4QMxqtwso";
const BCRYPT_5: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";
const WP_10: &str = "$wp$2y$10$607XKVrBjPEqujeOXNwbYuOJ.gPMd2TelMMknmeV70Kap1E81Ovo6";
const WP_4: &str = "$wp$2y$04$w9DS.FFB0C5HLcMhEHRIxONaVrqRKJSW3hr4Vr0mCeQVfhJZJOtL6";
const PHPASS_11: &str = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0";
const MD5: &str = "5d41402abc4b2a76b9719d911017c592";

fn check(password: impl AsRef<[u8]>, stored: &str) -> bool {
    let memory = &mut HashMemory::new();
    let stored = StoredHash::new(stored);
    let mut wrong = password.as_ref().to_vec();
    wrong.insert(0, b'!');
    assert!(!verify(&stored, &wrong, memory), "a wrong password fits {stored:?}");
    verify(&stored, password.as_ref(), memory)
}

fn scheme(text: &str) -> Scheme {
    StoredHash::new(text).scheme()
}

#[test]
fn argon2_reference_vectors() {
    // From test.c of the reference implementation; the last two are PHP's and have one and four lanes.
    for stored in [
        "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
        "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
        "$argon2i$v=16$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
        "$argon2i$m=256,t=2,p=1$c29tZXNhbHQ$/U3YPXYsSb3q9XxHvc0MLxur+GP960kN9j7emXX8zwY",
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$argon2d$v=19$m=65536,t=2,p=1$YzI5dFpYTmhiSFFBQUFBQUFBQUFBQQ$Jxy74cswY2mq9y+u+iJcJy8EqOp4t/C7DWDzGwGB3IM",
    ] {
        assert!(check("password", stored), "{stored}");
    }
    assert!(check("correct horse", LARAVEL));
    assert!(check("correct horse", "$argon2id$v=19$m=2048,t=2,p=4$Sk8uUUovQ29wZ0FhOU5qRg$KtrPhcjzrudE7DSNv2jQPQ/Y/7aOVWDVSxqti2ulSFM"));
    assert!(check("correct horse", ARGON2ID));
    assert_eq!(scheme(ARGON2ID), Scheme::Argon2id);
    assert_eq!(scheme(LARAVEL), Scheme::Argon2Other { memory_kib: 1024, passes: 3 });
}

#[test]
fn bcrypt_openwall_vectors() {
    // From wrapper.c of crypt_blowfish; bytes over 127 tell a correct bcrypt from the faulty one.
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored";
    for (stored, password) in [
        (BCRYPT_5, "U*U".as_bytes()),
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", b"U*U*"),
        ("$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", b"U*U*U"),
        ("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", b""),
        ("$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui", long.as_bytes()),
        ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", b"\xff\xff\xa3"),
        ("$2y$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", b"\xa3"),
        ("$2b$05$/OK.fbVrR/bpIqNJ5ianF.Sa7shbm4.OzKpvFnX1pQLmQW96oUlCq", b"\xa3"),
        ("$2x$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", b"\xa3"),
        ("$2x$05$6bNw2HLQYeqHYyBfLMsv/OiwqTymGIGzFsA4hOTWebfehXHNprcAS", b"\xd1\x91"),
        ("$2x$05$/OK.fbVrR/bpIqNJ5ianF.p1D3R6V2vILQsvm8/4A0MypX./KIiZi", "pässword café".as_bytes()),
    ] {
        assert!(check(password, stored), "{stored}");
    }
    assert!(!check("U*U\0U*U", BCRYPT_5), "a key that repeats itself after a NUL is no second password");
}

#[test]
fn wordpress_vectors() {
    assert!(check("hashpwn", WP_10));
    assert!(check("short", WP_4));
    assert!(!check("hashpwn ", WP_10), "trimming is the dialect's business");
    assert_eq!(scheme(WP_10), Scheme::WordPress { cost: 10 });
    assert_eq!(scheme("$wp$wp$2y$10$607XKVrBjPEqujeOXNwbYuOJ.gPMd2TelMMknmeV70Kap1E81Ovo6"), Scheme::Unusable);
}

#[test]
fn passwords_are_trimmed_as_php_trims() {
    assert_eq!(trim_as_php(b" \t\n\r\0\x0B a b \x0B"), b"a b");
    assert_eq!(trim_as_php("\u{a0}ä\u{a0}".as_bytes()), "\u{a0}ä\u{a0}".as_bytes());
    assert_eq!(trim_as_php(b"\x0C"), b"\x0C");
    assert_eq!(trim_as_php(b"  "), b"");
    assert_eq!(trim_as_php(b""), b"");
}

#[test]
fn phpass_vectors() {
    // The vectors of phpass's own test.php and of hashcat, checked against PHP.
    assert!(check("test12345", PHPASS_11));
    assert!(check("hashcat", "$P$984478476IagS59wHZvyQMArzfx58u."));
    assert!(check("hashcat", "$H$984478476IagS59wHZvyQMArzfx58u."));
    assert!(check("passé", "$P$Babcdefgh7wR6WBslwlivVm69z/blT0"));
    assert_eq!(scheme(PHPASS_11), Scheme::Phpass { cost: 11 });
}

#[test]
fn md5_vectors() {
    // RFC 1321 appendix A.5.
    assert!(check("", "d41d8cd98f00b204e9800998ecf8427e"));
    assert!(check("message digest", "f96b697d7cb7938d525a2f31aaf161d0"));
    assert!(check("hello", MD5));
    assert!(check("hello", &MD5.to_uppercase()));
}

#[test]
fn what_is_over_the_caps_or_broken_costs_nothing_and_fits_nobody() {
    let tag = "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    let salt_and_tag = "/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e";
    let broken = [
        format!("$argon2id$v=19$m=65537,t=2,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=4294967295,t=2,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=11,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=2,p=5$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=0,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=+2,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=16,t=2,p=4$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=20$m=65536,t=2,p=1$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=2,p=1,data=Dw8P$c29tZXNhbHQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=2,p=1$c29tZQ${tag}"),
        format!("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ${tag}$"),
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFh".to_owned(),
        "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ".to_owned(),
        format!("$2y$15${salt_and_tag}"),
        format!("$2y$31${salt_and_tag}"),
        format!("$2y$99${salt_and_tag}"),
        format!("$2y$03${salt_and_tag}"),
        format!("$2y$+5${salt_and_tag}"),
        format!("$2z$05${salt_and_tag}"),
        format!("$2y$05${salt_and_tag}e"),
        format!("$2y$05$é{}", &salt_and_tag[2..]),
        format!("$wp$2y$15${salt_and_tag}"),
        "$P$FIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0".to_owned(),
        "$P$SIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0".to_owned(),
        "$P$4IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0".to_owned(),
        "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L".to_owned(),
        "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L!".to_owned(),
        "$P$".to_owned(),
        "5d41402abc4b2a76b9719d911017c59".to_owned(),
        "5d41402abc4b2a76b9719d911017c59g".to_owned(),
        "plain text".to_owned(),
        "*0".to_owned(),
        String::new(),
        "$".repeat(100_000),
    ];
    let memory = &mut HashMemory::new();
    for text in broken {
        let stored = StoredHash::new(text.clone());
        assert_eq!(stored.scheme(), Scheme::Unusable, "{text}");
        assert!(!verify(&stored, b"", memory) && !verify(&stored, text.as_bytes(), memory) && !needs_rehash(&stored));
    }
    assert_eq!(memory.take_tally(), Tally::default());
    for stored in ["$P$EIQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", &format!("$2y$14${salt_and_tag}")] {
        assert_ne!(scheme(stored), Scheme::Unusable, "{stored}: the cap itself is allowed");
    }
}

#[test]
fn a_new_hash_is_standard_and_fits() {
    let (dice, memory) = (&mut Counting::default(), &mut HashMemory::new());
    let one = hash_new("pä ss".as_bytes(), dice, memory).unwrap();
    let two = hash_new("pä ss".as_bytes(), dice, memory).unwrap();
    assert_ne!(one, two, "the salt is fresh");
    assert_eq!(one.scheme(), Scheme::Argon2id);
    assert!(verify(&one, "pä ss".as_bytes(), memory) && !needs_rehash(&one));
    assert_eq!(memory.take_tally(), Tally { argon2: 3 * Tally::ARGON2ID, ..Tally::default() });
    assert!(hash_new(&[b'x'; MAX_PASSWORD], dice, memory).is_ok());
    assert!(hash_new(&[b'x'; MAX_PASSWORD + 1], dice, memory).is_err());
}

#[test]
fn too_long_a_password_is_wrong_at_once() {
    let long = vec![b'x'; MAX_PASSWORD + 1];
    let memory = &mut HashMemory::new();
    let stored = hash_new(b"x", &mut Counting::default(), memory).unwrap();
    memory.take_tally();
    assert!(!verify(&stored, &long, memory));
    let work = Weighing { stored: Some(stored), password: Secret::new(long), pad: Pad::default(), rehash: Rehash::Argon2id, also: None };
    assert_eq!(weigh(&work, &mut Counting::default(), memory), Weighed::default());
    assert_eq!(memory.take_tally(), Tally::default());
}

#[test]
fn a_hash_is_compared_as_text_only_on_request_and_never_prints() {
    let stored = StoredHash::new(MD5);
    assert!(stored.is_exactly(MD5) && !stored.is_exactly(&MD5.to_uppercase()) && !stored.is_exactly(""));
    assert!(!StoredHash::new("").is_exactly(""));
    assert_eq!(format!("{stored:?}"), "StoredHash(Md5)");
    let work = Weighing { stored: Some(stored), password: Secret::new("hello"), pad: Pad::default(), rehash: Rehash::Argon2id, also: None };
    assert!(!format!("{work:?}").contains("5d41") && !format!("{work:?}").contains("hello"));
}

fn pad_of(texts: &[&str]) -> Pad {
    let mut pad = Pad::default();
    texts.iter().for_each(|text| pad.include(&StoredHash::new(*text)));
    pad
}

#[test]
fn the_pad_keeps_the_worst_and_goes_round_as_text() {
    let pad = pad_of(&[BCRYPT_5, WP_10, PHPASS_11, "$P$7IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", MD5, LARAVEL, ARGON2ID, "junk"]);
    assert_eq!(pad.to_text(), "bcrypt:10,phpass:11,md5,argon2:1024x3");
    assert_eq!(Pad::from_text(&pad.to_text()), Some(pad));
    assert_eq!(Pad::from_text(""), Some(Pad::default()));
    assert_eq!(pad_of(&[ARGON2ID, "junk"]), Pad::default());
    for bad in ["bcrypt:15", "bcrypt:31", "bcrypt:", "phpass:17", "argon2:65537x1", "argon2:64x11", "argon2:64", "md5:1", "scrypt", "md5 "]
    {
        assert_eq!(Pad::from_text(bad), None, "{bad}");
    }
    assert!(pad.covers(&StoredHash::new(BCRYPT_5)) && pad_of(&[BCRYPT_5]).union(pad) == pad);
    assert!(!pad_of(&[BCRYPT_5]).covers(&StoredHash::new(WP_10)));
}

#[test]
fn every_account_of_a_site_costs_the_same() {
    let cheaper_argon2 = "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8";
    let site = [ARGON2ID, LARAVEL, cheaper_argon2, BCRYPT_5, WP_4, PHPASS_11, "$P$8IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0", MD5, "junk"];
    let pad = pad_of(&site);
    let (dice, memory) = (&mut Counting::default(), &mut HashMemory::new());
    let expected = Tally { argon2: Tally::ARGON2ID + 3 * 1024, bcrypt: 32, phpass: 2048, md5: 1 };
    for stored in site.map(|text| Some(StoredHash::new(text))).into_iter().chain([None]) {
        for password in ["correct horse", "U*U", "short", "test12345", "hello", "password", "wrong"] {
            let weighed = weigh(
                &Weighing { stored: stored.clone(), password: Secret::new(password), pad, rehash: Rehash::Argon2id, also: None },
                dice,
                memory,
            );
            let name = format!("{stored:?} with {password}: {weighed:?}");
            assert_eq!(memory.take_tally(), expected, "{name}");
            let really = stored.as_ref().is_some_and(|s| verify(s, password.as_bytes(), memory));
            memory.take_tally();
            assert_eq!(weighed.matches, really, "{name}");
            assert_eq!(weighed.rehash.is_some(), really && stored.as_ref().is_some_and(needs_rehash), "{name}");
            if let Some(fresh) = weighed.rehash {
                assert_eq!(fresh.scheme(), Scheme::Argon2id);
                assert!(verify(&fresh, password.as_bytes(), memory));
                memory.take_tally();
            }
        }
    }
}

#[test]
fn where_wordpress_shares_the_table_its_own_format_is_written_and_everybody_pays_for_it() {
    let site = [ARGON2ID, BCRYPT_5, WP_10, PHPASS_11, MD5, "junk"];
    let pad = pad_of(&site);
    let (dice, memory) = (&mut Counting::default(), &mut HashMemory::new());
    let expected = Tally { argon2: Tally::ARGON2ID, bcrypt: 1024 + 1024, phpass: 2048, md5: 1 };
    let mut replaced = 0;
    for stored in site.map(|text| Some(StoredHash::new(text))).into_iter().chain([None]) {
        for password in ["correct horse", "U*U", "password", "test12345", "hello", "wrong"] {
            let (stored, password) = (stored.clone(), Secret::new(password));
            let work = Weighing { stored: stored.clone(), password: password.clone(), pad, rehash: Rehash::WordPress, also: None };
            let weighed = weigh(&work, dice, memory);
            assert_eq!(memory.take_tally(), expected, "{work:?}");
            let is_current = stored.as_ref().is_some_and(|s| matches!(s.scheme(), Scheme::Argon2id | Scheme::WordPress { .. }));
            assert_eq!(weighed.rehash.is_some(), weighed.matches && !is_current, "{work:?}");
            if let Some(fresh) = weighed.rehash {
                replaced += 1;
                assert_eq!(fresh.scheme(), Scheme::WordPress { cost: 10 });
                assert!(fresh.reveal().starts_with("$wp$2y$10$") && fresh.reveal().len() == 63);
                assert!(verify(&fresh, password.reveal(), memory));
                memory.take_tally();
            }
        }
    }
    assert_eq!(replaced, 3);
}

#[test]
fn a_site_without_foreign_hashes_pays_one_argon2id() {
    let (dice, memory) = (&mut Counting::default(), &mut HashMemory::new());
    for (stored, right) in [(None, false), (Some(StoredHash::new(ARGON2ID)), true), (Some(StoredHash::new("junk")), false)] {
        let work = Weighing { stored, password: Secret::new("correct horse"), pad: Pad::default(), rehash: Rehash::Argon2id, also: None };
        assert_eq!(weigh(&work, dice, memory).matches, right);
        assert_eq!(memory.take_tally(), Tally { argon2: Tally::ARGON2ID, ..Tally::default() });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_text_can_be_a_stored_hash(text in "(\\$(P|H|wp|2[abxy]|argon2(i|d|id)|)\\$?)?(v=(16|19)\\$)?\\PC{0,80}") {
        let stored = StoredHash::new(text.clone());
        prop_assert_eq!(stored.reveal(), text);
        let mut pad = Pad::default();
        pad.include(&stored);
        prop_assert_eq!(Pad::from_text(&pad.to_text()), Some(pad));
    }

    #[test]
    fn well_shaped_texts_are_recognised_or_not_but_never_panic(
        m in 0u32..100_000, t in 0u32..12, p in 0u32..6, cost in 0u32..32, salt in "[./A-Za-z0-9+]{6,30}", tag in "[./A-Za-z0-9+]{20,60}"
    ) {
        for text in [
            format!("$argon2id$v=19$m={m},t={t},p={p}${salt}${tag}"),
            format!("$2y${cost:02}${salt}{tag}"),
            format!("$wp$2y${cost:02}${salt}{tag}"),
            format!("$P${salt}{tag}"),
        ] {
            let _ = StoredHash::new(text).scheme();
        }
    }

    #[test]
    fn any_text_can_be_a_pad(text in "\\PC{0,40}", name in "bcrypt|phpass|argon2|md5", number in any::<i64>()) {
        let _ = Pad::from_text(&text);
        let _ = Pad::from_text(&format!("{name}:{number}"));
    }
}
