//! The families of languages: how definitions look in each. Lists of words have several a line.

use super::syntax::{BARE, Syntax};
use super::{brackets, forms, native, script};

/// What most languages with braces share.
const BRACES: Syntax = Syntax {
    comments: &["//"],
    block: Some(("/*", "*/")),
    ..BARE
};

/// What most languages with `#` for comments share.
const HASH: Syntax = Syntax {
    comments: &["#"],
    ..BARE
};

pub(super) const C: Syntax = Syntax {
    other: native::c,
    ..BRACES
};

pub(super) const CPP: Syntax = Syntax {
    attributes: &["[["],
    other: native::cpp,
    ..BRACES
};

pub(super) const OBJECTIVE_C: Syntax = Syntax {
    other: native::objective_c,
    ..BRACES
};

pub(super) const SCRIPT: Syntax = Syntax {
    attributes: &["@"],
    letters: b"$",
    modifiers: &["export", "default", "declare", "async", "abstract", "const"],
    definitions: &["function", "class", "interface", "enum", "namespace"],
    names: &["type"],
    other: script::script,
    ..BRACES
};

pub(super) const PYTHON: Syntax = Syntax {
    attributes: &["@"],
    modifiers: &["async", "static"],
    definitions: &["def", "class", "struct", "func", "fn"],
    follows: b"(:[",
    other: forms::python,
    ..HASH
};

pub(super) const RUST: Syntax = Syntax {
    attributes: &["#["],
    modifiers: &["pub", "async", "unsafe", "extern", "default", "mut", "opaque"],
    definitions: &["fn", "struct", "enum", "trait", "union", "macro_rules"],
    names: &["const", "static", "type", "mod"],
    other: forms::rust,
    ..BRACES
};

pub(super) const GO: Syntax = Syntax {
    modifiers: &["pub"],
    definitions: &["func", "type", "fn", "struct", "enum", "interface"],
    names: &["const", "var"],
    top: true,
    other: forms::go,
    ..BRACES
};

pub(super) const ZIG: Syntax = Syntax {
    modifiers: &["pub", "export", "extern", "inline", "noinline"],
    definitions: &["fn"],
    other: forms::zig,
    ..BRACES
};

/// Java and its like: methods have a type before their name.
pub(super) const TYPED: Syntax = Syntax {
    attributes: &["@", "["],
    modifiers: &[
        "public", "private", "protected", "internal", "static", "final", "abstract", "sealed", "partial",
        "readonly", "unsafe", "base", "export", "non", "strictfp",
    ],
    definitions: &[
        "class", "interface", "enum", "record", "struct", "namespace", "trait", "mixin", "extension",
    ],
    other: brackets::typed_method,
    ..BRACES
};

/// Kotlin and its like: all definitions have keywords.
pub(super) const BRACED: Syntax = Syntax {
    attributes: &["@"],
    modifiers: &[
        "public", "private", "protected", "internal", "fileprivate", "open", "final", "abstract",
        "sealed", "data", "inline", "suspend", "override", "operator", "static", "mutating", "case",
        "implicit", "lazy", "companion", "indirect", "convenience", "required", "infix", "tailrec",
        "external", "inner", "annotation", "lateinit",
    ],
    definitions: &[
        "class", "interface", "enum", "struct", "protocol", "extension", "object", "trait", "actor",
        "fun", "func", "def", "function", "contract", "library", "modifier", "event",
    ],
    names: &["val", "var", "let", "type", "typealias"],
    top: true,
    ..BRACES
};

pub(super) const PHP: Syntax = Syntax {
    comments: &["//", "#"],
    attributes: &["#["],
    modifiers: &[
        "public", "private", "protected", "static", "final", "abstract", "readonly",
    ],
    definitions: &["function", "class", "interface", "trait", "enum"],
    names: &["const"],
    any_case: true,
    ..BRACES
};

/// Ruby and its like: `def` … `end`.
pub(super) const RUBY: Syntax = Syntax {
    attributes: &["@doc", "@spec", "@impl"],
    letters: b"?!",
    modifiers: &[
        "private", "protected", "public", "mutable", "abstract", "multi", "my", "our",
    ],
    definitions: &[
        "def", "class", "module", "defmodule", "defp", "defmacro", "defmacrop", "defprotocol", "defimpl",
        "function", "struct", "macro", "lib", "sub", "method", "role", "grammar",
    ],
    ..HASH
};

pub(super) const PERL: Syntax = Syntax {
    letters: b"-",
    definitions: &["sub", "package", "function", "func", "proc", "class", "define"],
    ..HASH
};

pub(super) const SHELL: Syntax = Syntax {
    letters: b"-.:",
    definitions: &["function"],
    other: forms::shell,
    ..HASH
};

pub(super) const POWERSHELL: Syntax = Syntax {
    block: Some(("<#", "#>")),
    letters: b"-",
    definitions: &["function", "filter", "class", "enum", "workflow"],
    any_case: true,
    ..HASH
};

pub(super) const LUA: Syntax = Syntax {
    comments: &["--"],
    block: Some(("--[[", "]]")),
    other: forms::lua,
    ..BARE
};

pub(super) const R: Syntax = Syntax {
    letters: b".",
    other: forms::r,
    ..HASH
};

pub(super) const MAKE: Syntax = Syntax {
    letters: b"-./%$(){}+@",
    definitions: &["define"],
    other: forms::make,
    ..HASH
};

pub(super) const CMAKE: Syntax = Syntax {
    block: Some(("#[[", "]]")),
    other: forms::cmake,
    ..HASH
};

pub(super) const ASSEMBLY: Syntax = Syntax {
    comments: &["#", "//", ";", "@"],
    block: Some(("/*", "*/")),
    letters: b".$",
    definitions: &[".macro"],
    other: forms::assembly,
    ..BARE
};

pub(super) const KCONFIG: Syntax = Syntax {
    definitions: &["config", "menuconfig"],
    ..HASH
};

pub(super) const SQL: Syntax = Syntax {
    comments: &["--"],
    block: Some(("/*", "*/")),
    other: forms::sql,
    ..BARE
};

/// Descriptions of messages and services.
pub(super) const SCHEMA: Syntax = Syntax {
    comments: &["//", "#"],
    modifiers: &["extend"],
    definitions: &[
        "message", "service", "enum", "struct", "exception", "union", "table", "interface", "input",
        "fragment",
    ],
    names: &[
        "rpc", "type", "scalar", "directive", "query", "mutation", "typedef",
    ],
    ..BRACES
};

pub(super) const TERRAFORM: Syntax = Syntax {
    comments: &["#", "//"],
    letters: b"-",
    other: forms::terraform,
    ..BRACES
};

pub(super) const HASKELL: Syntax = Syntax {
    comments: &["--"],
    block: Some(("{-", "-}")),
    attributes: &["@["],
    letters: b"'",
    modifiers: &["noncomputable", "private", "protected"],
    definitions: &[
        "data", "newtype", "class", "instance", "type", "module", "def", "theorem", "lemma", "structure",
        "inductive",
    ],
    other: forms::haskell,
    ..BARE
};

pub(super) const OCAML: Syntax = Syntax {
    comments: &["//"],
    block: Some(("(*", "*)")),
    attributes: &["[<", "[@", "@"],
    letters: b"'",
    modifiers: &["rec", "inline", "private", "nonrec", "mutable"],
    definitions: &[
        "module", "type", "exception", "class", "functor", "structure", "signature", "fun",
    ],
    names: &["let", "and", "val", "external"],
    top: true,
    ..BARE
};

pub(super) const ERLANG: Syntax = Syntax {
    comments: &["%"],
    attributes: &["-spec", "-doc"],
    other: forms::erlang,
    ..BARE
};

pub(super) const LISP: Syntax = Syntax {
    comments: &[";"],
    block: Some(("#|", "|#")),
    letters: b"-+*/<>=!?.&%:'",
    other: forms::lisp,
    ..BARE
};

pub(super) const NIM: Syntax = Syntax {
    definitions: &[
        "proc", "func", "method", "template", "macro", "iterator", "converter",
    ],
    ..HASH
};

pub(super) const VIM: Syntax = Syntax {
    comments: &["\""],
    letters: b":#",
    definitions: &["function", "fun", "func", "command"],
    ..BARE
};

/// Pascal and its like: keywords in any case.
pub(super) const PASCAL: Syntax = Syntax {
    comments: &["--", "//", "!", "'"],
    block: Some(("/*", "*/")),
    modifiers: &[
        "public", "private", "protected", "friend", "shared", "class", "pure", "recursive", "elemental",
        "body", "automatic", "integer", "real", "logical", "static", "virtual",
    ],
    definitions: &[
        "procedure", "function", "constructor", "destructor", "package", "task", "entity",
        "architecture", "module", "sub", "subroutine", "program", "unit", "interface", "structure",
        "component",
    ],
    any_case: true,
    ..BARE
};
