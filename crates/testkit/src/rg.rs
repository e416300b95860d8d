//! Asking an `rg` program.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::flags::Flags;
use crate::json;
use crate::rows::FileRows;

/// An `rg` program.
#[derive(Clone, Debug)]
pub struct Rg {
    program: PathBuf,
}

impl Rg {
    /// The program at this path.
    pub fn new(program: impl Into<PathBuf>) -> Rg {
        Rg {
            program: program.into(),
        }
    }

    /// The program that `QUERN_RG` names, or else the one that npm installed for this platform; `None` if there is
    /// neither.
    pub fn installed() -> Option<Rg> {
        if let Some(program) = std::env::var_os("QUERN_RG") {
            return Some(Rg::new(program));
        }
        let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../node_modules/@vscode");
        let programs = std::fs::read_dir(packages)
            .ok()?
            .filter_map(Result::ok)
            .flat_map(|package| {
                let bin = package.path().join("bin");
                [bin.join("rg"), bin.join("rg.exe")]
            });
        programs
            .into_iter()
            .find(|program| program.is_file())
            .map(Rg::new)
    }

    /// First line of `rg --version`, without the program's name: `15.2.0 (rev ..)`.
    ///
    /// # Errors
    /// If the program cannot be run.
    pub fn version(&self) -> io::Result<String> {
        let output = Command::new(&self.program).arg("--version").output()?.stdout;
        let first = String::from_utf8_lossy(&output)
            .lines()
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok(first.trim_start_matches("ripgrep ").to_owned())
    }

    /// What `rg --json` finds below `folder`, in the order of paths; `None` if it refuses the query (status 2).
    ///
    /// # Errors
    /// If the program cannot be run.
    pub fn search(
        &self,
        patterns: &[String],
        flags: &Flags,
        folder: &Path,
    ) -> io::Result<Option<Vec<FileRows>>> {
        let (status, output) = self.run(
            &[&["--json".to_owned()], &flags.args()[..]].concat(),
            patterns,
            folder,
        )?;
        Ok((status != Some(2)).then(|| {
            let mut files = json::parse(&output);
            files.retain(|file| !file.rows.is_empty());
            files
        }))
    }

    /// Exit status and output of `rg --sort=path --no-config ARGS -e PATTERN.. ./`, run in `folder`.
    ///
    /// # Errors
    /// If the program cannot be run.
    pub fn run(
        &self,
        args: &[String],
        patterns: &[String],
        folder: &Path,
    ) -> io::Result<(Option<i32>, Vec<u8>)> {
        let mut command = Command::new(&self.program);
        command
            .current_dir(folder)
            .args(["--no-config", "--sort=path"])
            .args(args);
        for pattern in patterns {
            command.arg(format!("--regexp={pattern}"));
        }
        let output = command.arg("./").output()?;
        Ok((output.status.code(), output.stdout))
    }
}
