//! Puts the pages' modules together into few files: the first page asks for one script instead of thirty. Each module keeps its text
//! inside a function of its own; what it imports it takes from the table of modules, what it exports it puts there.
//!
//! It reads the forms that our modules use (decisions/0016) and refuses any other: imports at the top, exports of named things,
//! `import('…')` of a module whose only export is the default.

use std::collections::{BTreeMap, BTreeSet};

/// What the modules' table is called inside a linked file.
const TABLE: &str = "__modules";

/// A linked file: its module's path, and its text.
pub(crate) type Linked = (String, String);

/// Reads a module by its path.
pub(crate) type Read<'a> = &'a dyn Fn(&str) -> Result<String, String>;

/// Links the module `root` and all that it imports, and a file for each module that is imported when it is needed. `address(root, text)`
/// says where a linked file will be found; the file of `root` is the last.
pub(crate) fn link(root: &str, read: Read<'_>, address: &dyn Fn(&str, &str) -> String) -> Result<Vec<Linked>, String> {
    let mut linker = Linker { read, address, taken: BTreeMap::new(), places: BTreeMap::new(), done: Vec::new() };
    linker.file(root, &BTreeSet::new())?;
    Ok(linker.done)
}

struct Linker<'a> {
    read: Read<'a>,
    address: &'a dyn Fn(&str, &str) -> String,
    /// In which file a module is.
    taken: BTreeMap<String, String>,
    /// Where the linked files are found.
    places: BTreeMap<String, String>,
    done: Vec<Linked>,
}

impl Linker<'_> {
    /// Links one file; `known` are the modules that are there when it is loaded.
    fn file(&mut self, root: &str, known: &BTreeSet<String>) -> Result<(), String> {
        let mut order = Vec::new();
        self.gather(root, known, &mut Vec::new(), &mut order)?;
        for module in &order {
            if let Some(other) = self.taken.insert(module.path.clone(), root.to_owned()) {
                return Err(format!("{} would be in two files, {other} and {root}", module.path));
            }
        }
        let here: BTreeSet<String> = known.iter().cloned().chain(order.iter().map(|module| module.path.clone())).collect();
        for later in order.iter().flat_map(|module| &module.later) {
            if !self.places.contains_key(later) {
                self.file(later, &here)?;
            }
        }
        let mut text = if known.is_empty() {
            format!("const {TABLE} = {{}};\n")
        } else {
            format!("export default ({TABLE}) => {{\nif (!{TABLE}['{root}']) {{\n")
        };
        for module in &order {
            text.push_str(&module.text(&self.places));
        }
        if !known.is_empty() {
            text.push_str(&format!("}}\nreturn {TABLE}['{root}'];\n}};\n"));
        }
        self.places.insert(root.to_owned(), (self.address)(root, &text));
        self.done.push((root.to_owned(), text));
        Ok(())
    }

    /// The modules that `path` needs, each after those that it imports.
    fn gather(&self, path: &str, known: &BTreeSet<String>, way: &mut Vec<String>, order: &mut Vec<Module>) -> Result<(), String> {
        if known.contains(path) || order.iter().any(|module| module.path == path) {
            return Ok(());
        }
        if way.iter().any(|one| one == path) {
            return Err(format!("{} import each other", way.join(", ")));
        }
        way.push(path.to_owned());
        let module = Module::read(path, &(self.read)(path)?)?;
        for (from, _) in &module.imports {
            self.gather(from, known, way, order)?;
        }
        way.pop();
        order.push(module);
        Ok(())
    }
}

struct Module {
    path: String,
    /// From which module, and what is taken: a pattern, as in `{ a, b: c }`.
    imports: Vec<(String, String)>,
    /// Modules that are imported when they are needed.
    later: Vec<String>,
    /// The text without its imports and the word `export`.
    body: String,
    /// Members as in `{ a, b: c }`.
    exports: Vec<String>,
}

impl Module {
    fn read(path: &str, text: &str) -> Result<Self, String> {
        let no = |what: &str| format!("{path}: {what}");
        let mut module = Self { path: path.to_owned(), imports: Vec::new(), later: Vec::new(), body: String::new(), exports: Vec::new() };
        let mut rest = text;
        loop {
            rest = rest.trim_start();
            if rest.starts_with("//") {
                rest = rest.split_once('\n').map_or("", |(_, after)| after);
            } else if rest.starts_with("import") && !rest.starts_with("import(") {
                let (statement, after) = rest.split_once(';').ok_or_else(|| no("an import without an end"))?;
                module.imports.push(import(path, statement).ok_or_else(|| no(statement))?);
                rest = after;
            } else {
                break;
            }
        }
        let body = module.exported(rest).map_err(|what| no(&what))?;
        module.body = module.postponed(&body).map_err(|what| no(&what))?;
        if module.body.contains("\nimport ") || module.body.contains("\nexport ") || module.body.contains(TABLE) {
            return Err(no("a form that the linker does not know"));
        }
        Ok(module)
    }

    /// Takes the exports out of the text.
    fn exported(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.match_indices("export").map(|(at, _)| at).find(|&at| begins_statement(rest, at)) {
            out.push_str(&rest[..at]);
            let after = rest[at + "export".len()..].trim_start();
            rest = after;
            if let Some(list) = after.strip_prefix('{') {
                let (list, behind) = list.split_once('}').ok_or("an export without an end")?;
                for one in list.split(',').map(str::trim).filter(|one| !one.is_empty()) {
                    let (inner, outer) = one.split_once(" as ").unwrap_or((one, one));
                    self.exports.push(format!("{}: {}", outer.trim(), inner.trim()));
                }
                rest = behind.trim_start().strip_prefix(';').unwrap_or(behind);
            } else if let Some(what) = after.strip_prefix("default") {
                rest = what.trim_start();
                if let Some(name) = declared(rest) {
                    self.exports.push(format!("default: {name}"));
                } else {
                    self.exports.push(String::from("default: __default"));
                    out.push_str("const __default = ");
                }
            } else {
                let name = declared(after).ok_or("an export without a name")?;
                self.exports.push(name.to_owned());
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    /// Finds what is imported when it is needed; its place is put in by [`Module::text`].
    fn postponed(&mut self, text: &str) -> Result<String, String> {
        for part in text.split("import(").skip(1) {
            let target = part.strip_prefix('\'').and_then(|inner| inner.split_once("')")).ok_or("import() of something unknown")?.0;
            self.later.push(resolve(&self.path, target).ok_or("import() from outside")?);
        }
        Ok(text.to_owned())
    }

    fn text(&self, places: &BTreeMap<String, String>) -> String {
        let mut body = String::new();
        for (number, part) in self.body.split("import(").enumerate() {
            if number == 0 {
                body.push_str(part);
                continue;
            }
            let place = self.later.get(number - 1).and_then(|later| places.get(later)).map_or("", String::as_str);
            let behind = part.split_once("')").map_or("", |(_, behind)| behind);
            body.push_str(&format!("import('{place}').then((file) => file.default({TABLE})){behind}"));
        }
        let imports: String = self.imports.iter().map(|(from, what)| format!("const {what} = {TABLE}['{from}'];\n")).collect();
        format!("{TABLE}['{}'] = (() => {{\n{imports}{}\nreturn {{ {} }};\n}})();\n", self.path, body.trim_end(), self.exports.join(", "))
    }
}

/// `import a, { b as c } from './d.js'` as the module and the pattern that takes it.
fn import(path: &str, statement: &str) -> Option<(String, String)> {
    let (what, from) = statement.strip_prefix("import")?.rsplit_once("from").map_or(("{}", statement.strip_prefix("import")?), |both| both);
    let target = from.trim().trim_matches(|c| c == '\'' || c == '"');
    let what = what.trim();
    let (default, named) = what.split_once('{').map_or((what, ""), |(default, named)| (default, named.trim_end().trim_end_matches('}')));
    let default = default.trim().trim_end_matches(',').trim();
    if default.contains('*') {
        return None;
    }
    let named = named.split(',').map(str::trim).filter(|one| !one.is_empty()).map(|one| one.replacen(" as ", ": ", 1));
    let all: Vec<String> = (!default.is_empty()).then(|| format!("default: {default}")).into_iter().chain(named).collect();
    Some((resolve(path, target)?, format!("{{ {} }}", all.join(", "))))
}

/// The name that a declaration at the beginning of the text declares.
fn declared(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("async ").unwrap_or(text);
    let rest = ["const ", "function ", "class "].iter().find_map(|word| rest.strip_prefix(word))?;
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$')?;
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

/// Whether a word at this place begins a statement: on a line of its own, or behind another one in a text without lines.
fn begins_statement(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    matches!(before, None | Some('\n' | ';' | '}')) && matches!(text[at + "export".len()..].chars().next(), Some(' ' | '{'))
}

/// A path that is meant from a module.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.strip_prefix('.').map(|_| target)?.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            other => parts.push(other),
        }
    }
    Some(parts.join("/"))
}
