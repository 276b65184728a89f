//! Writes the list of the pages' files and the documents, each as it is and compressed, so that the binary carries them and a new file
//! needs no other line.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use flate2::{Compression, GzBuilder};

/// Folders that are carried, and the path below which each is found.
const FOLDERS: &[(&str, &str)] = &[("ui", ""), ("../../docs", "docs/")];
/// What is smaller, or too small to gain, is carried only as it is.
const WORTH: usize = 1024;

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut text = String::from("&[\n");
    let mut number = 0;
    for (folder, below) in FOLDERS {
        let root = here.join(folder);
        let mut files = Vec::new();
        walk(&root, &mut files)?;
        files.sort();
        for file in files {
            println!("cargo:rerun-if-changed={}", file.display());
            let name = format!("{below}{}", file.strip_prefix(&root).unwrap_or(&file).display());
            let plain = fs::read(&file)?;
            let small = compressed(&plain)?;
            let packed = if plain.len() >= WORTH && small.len() < plain.len() * 9 / 10 {
                let place = out.join(format!("{number}.gz"));
                fs::write(&place, small)?;
                number += 1;
                format!("Some(include_bytes!({:?}))", place.display().to_string())
            } else {
                String::from("None")
            };
            let _ = writeln!(text, "    ({name:?}, include_bytes!({:?}), {packed}),", file.display().to_string());
        }
    }
    text.push_str("]\n");
    fs::write(out.join("assets.rs"), text)
}

/// Without a time or a name in its head, so that the same files make the same binary.
fn compressed(plain: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packer.write_all(plain)?;
    packer.finish()
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
