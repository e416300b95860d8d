//! Which rules a language follows.

use super::sections::Markup;
use super::syntax::Syntax;
use super::tables as table;
use crate::language::Language;

/// What the passages of a text are.
#[derive(Clone, Copy, Debug)]
pub(super) enum Family {
    Code(&'static Syntax),
    Document(Markup),
    /// Paragraphs: prose, data, logs.
    Plain,
}

impl Family {
    /// The family by the name of ripgrep's type.
    pub(super) fn of(language: Language) -> Family {
        let syntax = match language.name() {
            "markdown" => return Family::Document(Markup::Markdown),
            "rst" => return Family::Document(Markup::Underlined),
            "asciidoc" => return Family::Document(Markup::Asciidoc),
            "html" | "ejs" | "hbs" | "twig" | "jinja" => return Family::Document(Markup::Html),
            "org" => return Family::Document(Markup::Marked(b'*')),
            "typst" | "wiki" => return Family::Document(Markup::Marked(b'=')),
            "pod" => return Family::Document(Markup::Command("=head")),
            "tex" => return Family::Document(Markup::Tex),
            "config" | "systemd" | "toml" => return Family::Document(Markup::Table),
            "c" | "yacc" => &table::C,
            "cpp" | "cuda" | "swig" => &table::CPP,
            "objc" | "objcpp" => &table::OBJECTIVE_C,
            "js" | "ts" | "vue" | "svelte" | "qml" => &table::SCRIPT,
            "py" | "cython" | "bazel" | "mojo" | "gdscript" => &table::PYTHON,
            "rust" | "wgsl" | "gleam" => &table::RUST,
            "go" | "v" => &table::GO,
            "zig" => &table::ZIG,
            "java" | "csharp" | "dart" | "groovy" | "gradle" | "vala" | "d" => &table::TYPED,
            "kotlin" | "swift" | "scala" | "solidity" => &table::BRACED,
            "php" => &table::PHP,
            "ruby" | "crystal" | "elixir" | "julia" | "raku" => &table::RUBY,
            "perl" | "awk" | "tcl" | "fish" | "puppet" => &table::PERL,
            "sh" | "zsh" => &table::SHELL,
            "ps" => &table::POWERSHELL,
            "lua" => &table::LUA,
            "r" => &table::R,
            "make" => &table::MAKE,
            "cmake" => &table::CMAKE,
            "asm" => &table::ASSEMBLY,
            "kconfig" => &table::KCONFIG,
            "sql" => &table::SQL,
            "proto" | "thrift" | "flatbuffers" | "graphql" => &table::SCHEMA,
            "tf" => &table::TERRAFORM,
            "haskell" | "elm" | "purs" | "lean" => &table::HASKELL,
            "ocaml" | "fsharp" | "sml" | "rescript" => &table::OCAML,
            "erlang" => &table::ERLANG,
            "clojure" | "elisp" | "lisp" | "racket" => &table::LISP,
            "nim" => &table::NIM,
            "vim" => &table::VIM,
            "ada" | "pascal" | "vb" | "vhdl" | "fortran" | "verilog" => &table::PASCAL,
            _ => return Family::Plain,
        };
        Family::Code(syntax)
    }
}
