//! The pages' linker: what it makes of the forms that it knows, and that it refuses the others instead of guessing.

#[path = "../build/linker.rs"]
mod linker;

use linker::{Linked, link};

fn linked(files: &[(&str, &str)]) -> Result<Vec<Linked>, String> {
    let read =
        |path: &str| files.iter().find(|(name, _)| *name == path).map(|(_, text)| (*text).to_owned()).ok_or(format!("{path} is missing"));
    link("app.js", &read, &|root, _| format!("/assets/{root}"))
}

/// Each module once, after those it imports; what is loaded later is a file of its own that shares the modules of the first.
#[test]
fn modules_are_put_in_order() {
    let files = linked(&[
        ("app.js", "// First.\nimport { a, b as c } from './lib/a.js';\nimport D, { d } from './lib/d.js';\nconst later = () => import('./later.js');\nstart(a, c, D, d, later);\n"),
        ("lib/a.js", "import './quiet.js';\nexport const a = 1;\nconst b = 2;\nexport { b };\nexport async function e() {}\n"),
        ("lib/d.js", "import{a as n}from\"./a.js\";const d=n;export{d,d as default};"),
        ("lib/quiet.js", "globalThis.quiet = 1;\n"),
        ("later.js", "import { a } from './lib/a.js';\nimport { only } from './lib/only.js';\nexport default function Later() { return a + only; }\n"),
        ("lib/only.js", "export const only = 3;\n"),
    ])
    .unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["later.js", "app.js"]);
    let first = &files[1].1;
    let order: Vec<usize> = ["lib/quiet.js", "lib/a.js", "lib/d.js", "app.js"]
        .iter()
        .map(|name| first.find(&format!("__modules['{name}'] =")).unwrap())
        .collect();
    assert!(order.is_sorted(), "{first}");
    for part in [
        "const { a, b: c } = __modules['lib/a.js'];",
        "const { default: D, d } = __modules['lib/d.js'];",
        "const {  } = __modules['lib/quiet.js'];",
        "return { a, b: b, e };",
        "return { d: d, default: d };",
        "import('/assets/later.js').then((file) => file.default(__modules))",
    ] {
        assert!(first.contains(part), "{part}\n{first}");
    }
    assert!(!first.contains("lib/only.js"));
    let later = &files[0].1;
    assert!(later.starts_with("export default (__modules) => {\nif (!__modules['later.js']) {\n"), "{later}");
    assert!(later.contains("__modules['lib/only.js'] =") && !later.contains("__modules['lib/a.js'] ="), "{later}");
    assert!(later.contains("return { default: Later };"), "{later}");
}

#[test]
fn a_word_that_only_looks_like_an_export_stays() {
    let files =
        linked(&[("app.js", "// A chart, export, and more.\nconst exported = `export { x }`;\nexport default { exported };\n")]).unwrap();
    assert!(files[0].1.contains("const exported = `export { x }`;\nconst __default = { exported };"), "{}", files[0].1);
}

#[test]
fn what_is_not_known_is_refused() {
    for (name, files) in [
        ("a circle", &[("app.js", "import { a } from './a.js';\n"), ("a.js", "import { b } from './app.js';\nexport const a = 1;\n")][..]),
        ("a whole module", &[("app.js", "import * as a from './a.js';\n"), ("a.js", "export const a = 1;\n")]),
        ("a package", &[("app.js", "import { a } from 'a';\n")]),
        ("a file that is not there", &[("app.js", "import { a } from './a.js';\n")]),
        ("a late import", &[("app.js", "const a = 1;\nimport { b } from './b.js';\n"), ("b.js", "export const b = 1;\n")]),
        ("a made-up place", &[("app.js", "const a = (name) => import(name);\n")]),
        ("an export of a pattern", &[("app.js", "export const { a } = b;\n")]),
        (
            "a module in two files",
            &[
                ("app.js", "const a = () => import('./a.js'), b = () => import('./b.js');\n"),
                ("a.js", "import { c } from './c.js';\nexport default c;\n"),
                ("b.js", "import { c } from './c.js';\nexport default c;\n"),
                ("c.js", "export const c = 1;\n"),
            ],
        ),
    ] {
        assert!(linked(files).is_err(), "{name}: {:?}", linked(files));
    }
}
