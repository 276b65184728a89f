//! Before and after a crash: a child process writes and tells what was acknowledged; after its sudden end the store is
//! opened again and asked for every bit of it.

use std::io::{BufRead, Write};
use std::sync::Mutex;

use super::bench::{Bench, SITE, account, at, entry, session, site_row};
use crate::audit::{AuditEntry, AuditQuery};
use crate::port::store::{Errand, ErrandQuery, Sealed, Standing};
use crate::session::{Session, SessionId};
use crate::token::TokenId;

/// How many threads write.
pub const THREADS: i64 = 8;

/// Puts what [`write_until_killed`] needs.
pub fn prepare(bench: &Bench) {
    bench.work(|desk| {
        desk.put_site(&site_row(SITE))?;
        for thread in 0..THREADS {
            desk.put_account(&account(SITE, thread + 1, &format!("thread-{thread}")))?;
            desk.put_totp(SITE, thread + 1, &Sealed(vec![1]))?;
            desk.open_session(&Session { id: SessionId([u8::try_from(thread).unwrap(); 16]), account: thread + 1, ..session(0) })?;
        }
        Ok(())
    });
}

/// Writes from eight threads, for ever, one line to `out` for every write that was acknowledged. Returns only if a
/// write is no longer answered (the server was killed) or nobody reads the lines any more.
pub fn write_until_killed(bench: &Bench, out: &Mutex<impl Write + Send>) {
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || {
                for round in 0.. {
                    let Some(line) = write_one(bench, thread, round) else { return };
                    let mut out = out.lock().unwrap();
                    // One write per line, so that a line is there whole or recognisably not.
                    if out.write_all(line.as_bytes()).and_then(|()| out.flush()).is_err() {
                        return;
                    }
                }
            });
        }
    });
}

/// The acknowledged lines of a child's output; what was cut off in the middle was never told.
pub fn whole_lines(mut output: impl BufRead, mut each: impl FnMut(usize)) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    while output.read_line(&mut line).is_ok_and(|n| n > 0) {
        if let Some(whole) = line.strip_suffix('\n')
            && let Some(told) = whole.strip_prefix("ack ")
        {
            lines.push(told.to_owned());
            each(lines.len());
        }
        line.clear();
    }
    lines
}

/// Checks that everything acknowledged is there, and that what was spent cannot be spent again.
pub fn check(bench: &Bench, acknowledged: &[String]) {
    let found = bench.look(|desk| desk.audit(&AuditQuery { limit: u32::MAX, ..AuditQuery::default() }));
    // Whatever the moment of the crash was: an event has its errand, and no errand tells of what did not happen.
    let events: std::collections::HashSet<String> = found.iter().filter(|e| e.action == "crash").map(|e| e.request.clone()).collect();
    let errands = bench.look(|desk| desk.errands(&ErrandQuery { limit: u32::MAX, ..ErrandQuery::default() }));
    assert_eq!(events, errands.into_iter().map(|errand| errand.about).collect(), "events and their errands differ");
    let remembered: std::collections::HashSet<String> = found.into_iter().map(|e| e.request).collect();
    let revoked: std::collections::HashSet<TokenId> = bench.look(|desk| desk.revoked(at(0))).into_iter().map(|(token, _)| token).collect();
    for line in acknowledged {
        let (thread, round) = line.split_once(' ').map(|(t, r)| (t.parse::<i64>().unwrap(), r.parse::<i64>().unwrap())).unwrap();
        match round % 4 {
            0 => assert!(remembered.contains(line), "an audit entry is lost: {line}"),
            1 => assert!(revoked.contains(&token(thread, round)), "a revocation is lost: {line}"),
            2 => {
                let again = bench.work(move |desk| desk.spend_totp_step(SITE, thread + 1, round));
                assert!(!again, "a TOTP step can be spent twice: {line}");
            }
            _ => {
                let id = SessionId([u8::try_from(thread).unwrap(); 16]);
                let again = bench.work(move |desk| desk.advance_session(id, round / 4, at(1), at(3600)));
                assert!(!again, "a refresh token can be spent twice: {line}");
            }
        }
    }
    bench.work(|desk| desk.remember(&entry("after the crash")));
}

fn write_one(bench: &Bench, thread: i64, round: i64) -> Option<String> {
    let line = format!("{thread} {round}");
    let request = line.clone();
    let written = bench.try_work(move |desk| match round % 4 {
        0 => {
            // An event and its errand.
            desk.add_errand(&errand(&request))?;
            desk.remember(&AuditEntry { request, ..entry("crash") }).map(|()| true)
        }
        1 => desk.revoke_token(SITE, token(thread, round), at(9)),
        2 => desk.spend_totp_step(SITE, thread + 1, round),
        _ => desk.advance_session(SessionId([u8::try_from(thread).unwrap_or(0); 16]), round / 4, at(1), at(3600)),
    });
    match written {
        Ok((done, _)) => {
            assert!(done, "a first write was refused: {line}");
            Some(format!("ack {line}\n"))
        }
        Err(_) => None,
    }
}

fn errand(event: &str) -> Errand {
    Errand {
        id: 0,
        site: SITE,
        kind: "crash".to_owned(),
        target: "x".to_owned(),
        about: event.to_owned(),
        made: at(0),
        due: at(0),
        tries: 0,
        standing: Standing::Waiting,
        heard: String::new(),
    }
}

fn token(thread: i64, round: i64) -> TokenId {
    TokenId([thread.to_be_bytes(), round.to_be_bytes()].concat().try_into().unwrap())
}
