//! The commands: what they tell of themselves, and how they say no.

use serde_json::Value;

use crate::support::{Ask, Place};

/// The names under a heading of a help text.
fn listed(help: &str, heading: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|l| *l != heading).skip(1).take_while(|l| !l.is_empty());
    // A long description goes on in lines that are indented further.
    lines.filter(|l| l.starts_with("  ") && !l.starts_with("   ")).filter_map(|l| l.split_whitespace().next().map(str::to_owned)).collect()
}

/// The help of a command and of everything below it, with their names.
fn helps(place: &Place, path: &[String], all: &mut Vec<(Vec<String>, String)>) {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let help = place.run(&arguments).good();
    for name in listed(&help, "Commands:").into_iter().filter(|n| n != "help") {
        helps(place, &[path, &[name]].concat(), all);
    }
    all.push((path.to_vec(), help));
}

/// What is said of a command, from the line it begins in: a long one goes on below, further in than any command's name.
fn about_from<'a>(mut lines: impl Iterator<Item = &'a str>) -> String {
    let first = lines.next().unwrap_or_default().to_owned();
    lines.take_while(|line| line.starts_with("      ")).fold(first, |all, line| format!("{all} {}", line.trim()))
}

#[test]
fn every_command_has_help_that_names_what_is_below_it() {
    let place = Place::new();
    let mut all = Vec::new();
    helps(&place, &[], &mut all);
    let (_, top) = all.last().unwrap();
    let top = top.clone();
    let expected = [
        "serve",
        "demo",
        "site",
        "rules",
        "user",
        "console",
        "token",
        "settings",
        "keys",
        "import",
        "export",
        "acme",
        "explain",
        "audit",
        "webhooks",
        "openapi",
        "completions",
        "version",
        "help",
    ];
    assert_eq!(listed(&top, "Commands:"), expected);
    assert!(all.len() > 40, "{} commands", all.len());
    for (path, help) in &all {
        let usage = format!("Usage: doorward {}", path.join(" "));
        assert!(help.contains(usage.trim_end()), "{path:?}: {help}");
        let below = listed(help, "Commands:");
        // "Sites: list, show, add" on the way there: exactly what is there.
        let at = top.lines().position(|l| path.len() == 1 && l.trim_start().starts_with(&format!("{} ", path[0])));
        let about = at.map(|at| about_from(top.lines().skip(at)));
        if let Some((_, names)) =
            about.as_deref().and_then(|l| l.split_once(": ")).filter(|(_, names)| names.contains(", ") && !below.is_empty())
        {
            let named: Vec<_> = names.split(", ").chain(["help"]).collect();
            assert_eq!(named, below, "{path:?}");
        }
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "asking for help makes nothing");
}

#[test]
fn shells_and_programs_get_what_they_can_read() {
    let place = Place::new();
    for (shell, mark) in [("bash", "complete -F"), ("zsh", "#compdef doorward"), ("fish", "complete -c doorward")] {
        let text = place.run(&["completions", shell]).good();
        assert!(text.contains(mark) && text.contains("second-factor"), "{shell}: {} bytes", text.len());
    }
    assert_eq!(place.run(&["completions", "cmd"]).code, 2);
    let version: Value = serde_json::from_str(&place.run(&["version", "--json"]).good()).unwrap();
    assert_eq!((version["name"].as_str(), version["bundle_format"].as_i64()), (Some("doorward"), Some(1)));
    assert_eq!(place.run(&["version"]).good(), format!("doorward {}\n", version["version"].as_str().unwrap()));
    let server = place.serve(&[]);
    let printed: Value = serde_json::from_str(&place.run(&["openapi"]).good()).unwrap();
    let served: Value = serde_json::from_str(&Ask::get("/openapi.json").send(server.address).body).unwrap();
    assert_eq!(printed, served);
    assert!(printed["paths"].as_object().unwrap().len() > 20);
    server.stop();
}

#[test]
fn settings_are_explained_and_mistyped_ones_refused() {
    let place = Place::new();
    let explained = place.run(&["settings", "explain", "server.listen"]).good();
    assert!(explained.starts_with("server.listen\n") && explained.contains("DOORWARD_LISTEN"), "{explained}");
    let unknown = "`server.lisen`: is no setting; did you mean `server.listen`?";
    place.run(&["settings", "explain", "server.lisen"]).refused(unknown);
    let set = "--set: `limits.per_acount` is no setting; did you mean `limits.per_account`?";
    place.run(&["settings", "list", "--set", "limits.per_acount=1"]).refused(set);
    for (value, good) in [("0", false), ("1", true), ("300", true), ("301", false)] {
        let ran = place.run(&["settings", "list", "--set", &format!("server.body_seconds={value}")]);
        assert_eq!(ran.code == 0, good, "{ran:?}");
    }
    std::fs::write(place.path().join("doorward.toml"), "[server]\nlisten = \"127.0.0.1:0\"\nlistn = 1\n").unwrap();
    let sentence = "doorward.toml:3: `server.listn` is no setting; did you mean `server.listen`?";
    for command in [&["serve"][..], &["user", "list"], &["settings", "list"]] {
        place.run(command).refused(sentence);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 1, "nothing was made");
}

#[test]
fn a_folder_without_a_doorward_is_not_made_into_one() {
    let place = Place::new();
    let sentence = "there is no Doorward in ./data: name its directory with --data, or start `doorward serve` to make one";
    for command in
        [&["user", "list"][..], &["token", "list"], &["site", "list"], &["keys", "list"], &["audit", "list"], &["export", "bundle"]]
    {
        place.run(command).refused(sentence);
    }
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0);
    for command in [&["serv"][..], &["user", "lst"], &["user", "list", "--jsn"], &[]] {
        let ran = place.run(command);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{ran:?}");
    }
}
