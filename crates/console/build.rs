//! Writes the list of the pages' files and the documents, each as it is and compressed, so that the binary carries them and a new file
//! needs no other line. Scripts and styles are linked into few files, each named by its content.

#[path = "build/linker.rs"]
mod linker;

use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};

/// The pages.
const PAGES: &str = "ui";
/// The documents, and the path below which they are found.
const DOCUMENTS: (&str, &str) = ("../../docs", "docs/");
/// The module with which everything begins, the style, and what is done before the first paint.
const FIRST: &str = "app.js";
const STYLE: &str = "style.css";
const BEFORE: &str = "theme.js";
/// The picture that the pages and their modules name by its address.
const ICON: &str = "icon.svg";
/// What is smaller, or too small to gain, is carried only as it is.
const WORTH: usize = 1024;

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut list = List { out: PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()), text: String::from("&[\n"), number: 0 };
    pages(&here.join(PAGES), &mut list)?;
    let root = here.join(DOCUMENTS.0);
    for (name, content) in files(&root)? {
        list.add(&format!("{}{name}", DOCUMENTS.1), &content, false)?;
    }
    list.text.push_str("]\n");
    fs::write(list.out.join("assets.rs"), list.text)
}

/// The linked scripts, the style in one piece, the page that asks for them, and whatever else is in the folder as it stands.
fn pages(root: &Path, list: &mut List) -> io::Result<()> {
    let all = files(root)?;
    let as_it_stands = |name: &str| {
        let found = all.iter().find(|(one, _)| one == name).ok_or_else(|| format!("{name} is missing"))?;
        String::from_utf8(found.1.clone()).map_err(|error| format!("{name}: {error}"))
    };
    let icon = as_it_stands(ICON).map_err(io::Error::other)?;
    let icon_at = named(ICON, &icon);
    let text = |name: &str| as_it_stands(name).map(|text| text.replace(&format!("/assets/{ICON}"), &format!("/assets/{icon_at}")));
    let scripts = linker::link(FIRST, &text, &|root, linked| format!("/assets/{}", named(root, linked))).map_err(io::Error::other)?;
    let mut page = text("index.html").map_err(io::Error::other)?;
    let style = together(&text).map_err(io::Error::other)?;
    let before = text(BEFORE).map_err(io::Error::other)?;
    for (name, content) in
        scripts.iter().map(|(name, content)| (name.as_str(), content)).chain([(STYLE, &style), (BEFORE, &before), (ICON, &icon)])
    {
        let place = named(name, content);
        page = page.replace(&format!("\"/assets/{name}\""), &format!("\"/assets/{place}\""));
        list.add(&place, content.as_bytes(), true)?;
    }
    list.add("index.html", page.as_bytes(), false)?;
    for (name, content) in &all {
        if !name.ends_with(".js") && !name.ends_with(".css") && name != "index.html" && name != ICON {
            list.add(name, content, false)?;
        }
    }
    Ok(())
}

/// The style with the sheets that it imports in their places.
fn together(text: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut whole = String::new();
    for line in text(STYLE)?.lines() {
        match line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(name) => whole.push_str(&text(name)?),
            None => whole.push_str(line),
        }
        whole.push('\n');
    }
    Ok(whole)
}

/// The name of a file with a mark of its content, so that it may be kept for ever.
fn named(name: &str, content: &str) -> String {
    let mut mark = DefaultHasher::new();
    mark.write(content.as_bytes());
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{}.{:016x}.{ending}", stem.rsplit('/').next().unwrap_or(stem), mark.finish())
}

/// The list that is written, and the compressed forms beside it.
struct List {
    out: PathBuf,
    text: String,
    number: usize,
}

impl List {
    /// `kept` = its name says what is in it.
    fn add(&mut self, name: &str, plain: &[u8], kept: bool) -> io::Result<()> {
        let place = self.out.join(format!("{}.plain", self.number));
        fs::write(&place, plain)?;
        let small = compressed(plain)?;
        let packed = if plain.len() >= WORTH && small.len() < plain.len() * 9 / 10 {
            let place = self.out.join(format!("{}.gz", self.number));
            fs::write(&place, small)?;
            format!("Some(include_bytes!({:?}))", place.display().to_string())
        } else {
            String::from("None")
        };
        self.number += 1;
        let _ = writeln!(self.text, "    ({name:?}, include_bytes!({:?}), {packed}, {kept}),", place.display().to_string());
        Ok(())
    }
}

/// Without a time or a name in its head, so that the same files make the same binary.
fn compressed(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packer.write_all(plain)?;
    packer.finish()
}

/// The files below a folder in the order of their names, and what is in them.
fn files(root: &Path) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    walk(root, &mut found)?;
    found.sort();
    let read = |file: &PathBuf| {
        println!("cargo:rerun-if-changed={}", file.display());
        Ok((file.strip_prefix(root).unwrap_or(file).display().to_string(), fs::read(file)?))
    };
    found.iter().map(read).collect()
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, out)?;
        } else if path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.')) {
            out.push(path);
        }
    }
    Ok(())
}
