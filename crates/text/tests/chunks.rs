//! How texts are cut into chunks: what always holds, and where passages begin and end.

use proptest::collection::vec;
use proptest::prelude::*;
use quern_text::{Chunk, Language, count_lines, cut_chunks};

const MOST_LINES: u64 = 40;
const MOST_BYTES: usize = 4096;

fn language(name: &str) -> Language {
    Language::from_name(name).unwrap()
}

/// Asserts what holds for every text, and gives its chunks.
fn cut(text: &[u8], language: Language) -> Vec<Chunk> {
    let chunks = cut_chunks(text, language);
    let mut end = 0;
    for chunk in &chunks {
        let Chunk { range, line, symbols } = chunk;
        assert_eq!(range.start, end, "adjacent");
        assert!(range.start < range.end, "not empty");
        assert!(
            text[..range.end].ends_with(b"\n") || range.end == text.len(),
            "whole lines"
        );
        let before = text[..range.start].iter().filter(|&&byte| byte == b'\n');
        assert_eq!(*line, before.count() as u64);
        let lines = count_lines(&text[range.clone()]);
        assert!(lines == 1 || lines <= MOST_LINES && range.len() <= MOST_BYTES);
        let mut from = range.start;
        for symbol in symbols {
            assert!(from <= symbol.start && symbol.start < symbol.end && symbol.end <= range.end);
            assert!(!text[symbol.clone()].contains(&b'\n'));
            from = symbol.end;
        }
        end = range.end;
    }
    assert_eq!(end, text.len(), "all of the text");
    chunks
}

fn any_language() -> impl Strategy<Value = Language> {
    (0..200u16).prop_map(Language::from_number)
}

/// Lines that mean something to one scanner or another.
const LINES: &[&str] = &[
    "",
    "",
    "",
    "{",
    "}",
    "};",
    "} name;",
    "end",
    "*/",
    "/* open",
    " * more",
    "// said",
    "# said",
    "-- said",
    "#[test]",
    "@decorator(",
    "@other",
    ")",
    "static int f(struct s *x)",
    "int g(int a,",
    "      int b)",
    "struct s {",
    "struct s",
    "enum class E : int {",
    "#define X(a) \\",
    "#define Y 1",
    "#endif",
    "template <typename T>",
    "Foo::Foo(int a) {",
    "TEST(Suite, Name) {",
    "typedef int t;",
    "pub fn f<T: A<B>>(x: T) {",
    "impl<T> A<T> for B<T> {",
    "const X: u32 = 1;",
    "func (r *T[K]) M(",
    "def f(self):",
    "class A(B):",
    "X = [",
    "export default function () {",
    "const f = (a) => {",
    "a.prototype.b = function",
    "x.y = (",
    "method(a: b): c {",
    "get x() {",
    "name: function () {",
    "module.exports = {",
    "exports.a = b",
    "#private() {",
    "<h1>Title</h1>",
    "## Title ##",
    "=====",
    "-----",
    "~~~~~",
    "Title",
    "```",
    "----",
    "== Title",
    "* Title",
    "[section]",
    "\\section{a}",
    "=head1 x",
    "target: a",
    "f() {",
    "(defun x (y)",
    "f :: a",
    "f(X) ->",
    "x <- function(y)",
    "create table if not exists a.b (",
    "message M {",
    "resource \"a\" \"b\" {",
    "label:",
    "SYM_FUNC_START(x)",
    "function a.b:c()",
    "public static void main(String[] a) {",
    "<<<<((([[[",
    "~::~.~",
    "'\"",
];

fn code_like() -> impl Strategy<Value = Vec<u8>> {
    let line = (0usize..5, proptest::sample::select(LINES), 0usize..60);
    (vec(line, 0..160), any::<bool>()).prop_map(|(lines, ends)| {
        let mut text = Vec::new();
        for (indent, line, times) in lines {
            let indent = indent.saturating_sub(2);
            // Some lines are long.
            let times = if times > 57 { 200 } else { 1 };
            text.extend_from_slice(&b"\t".repeat(indent));
            text.extend_from_slice(line.repeat(times).as_bytes());
            text.push(b'\n');
        }
        text.truncate(text.len() - usize::from(!ends).min(text.len()));
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_bytes_are_covered(bytes in vec(any::<u8>(), 0..2000), language in any_language()) {
        cut(&bytes, language);
    }

    #[test]
    fn any_punctuation_is_covered(
        text in "([ \t]{0,3}[a-zA-Z0-9_(){}\\[\\]<>:;.,=#*/\"'&~!?@$%^|\\\\-]{0,12}\n){0,120}",
        language in any_language(),
    ) {
        cut(text.as_bytes(), language);
    }

    #[test]
    fn any_code_is_covered(text in code_like(), language in any_language()) {
        let chunks = cut(&text, language);
        prop_assert_eq!(cut(&text, language), chunks);
    }
}

#[test]
fn every_language_has_its_chunks() {
    for number in 0..200 {
        let text = LINES.join("\n");
        assert!(cut(text.as_bytes(), Language::from_number(number)).len() > 1);
        assert_eq!(cut(b"", Language::from_number(number)), []);
    }
}

#[test]
fn long_texts_are_cut_in_parts() {
    let function = "int f(void)\n{\n\treturn 0;\n}\n\n";
    let text = function.repeat((9 << 20) / function.len());
    let chunks = cut_with_oracle_of_lines(text.as_bytes(), language("c"));
    assert!(chunks.iter().all(|chunk| !chunk.symbols.is_empty()));
    assert!(chunks.len() > text.len() / function.len() / 8);
}

/// As [`cut`], but in linear time.
fn cut_with_oracle_of_lines(text: &[u8], language: Language) -> Vec<Chunk> {
    let chunks = cut_chunks(text, language);
    let (mut end, mut line) = (0, 0);
    for chunk in &chunks {
        assert_eq!((chunk.range.start, chunk.line), (end, line));
        line += count_lines(&text[chunk.range.clone()]);
        end = chunk.range.end;
    }
    assert_eq!(end, text.len());
    chunks
}

/// The lines (from 1) with which chunks begin.
fn begins(name: &str, text: &str) -> Vec<u64> {
    let chunks = cut(text.as_bytes(), language(name));
    chunks.iter().map(|chunk| chunk.line + 1).collect()
}

fn lines(count: usize, line: &str) -> String {
    format!("{line}\n").repeat(count)
}

#[test]
fn plain_text_is_cut_by_lines() {
    assert_eq!(begins("unknown", &lines(100, "words and words")), [1, 26, 51, 76]);
    assert_eq!(begins("log", &lines(30, "2026-01-01 up")), [1]);
    assert_eq!(begins("log", &lines(31, "2026-01-01 up")), [1, 26]);
}

#[test]
fn plain_text_is_cut_between_paragraphs() {
    let text = format!("{}\n", lines(9, "prose")).repeat(6);
    assert_eq!(begins("txt", &text), [1, 21, 41]);
    let trace = format!("{}{}", lines(22, "line"), lines(7, "    at frame")).repeat(2);
    assert_eq!(begins("log", &trace), [1, 22, 47], "a trace stays with its line");
}

#[test]
fn long_lines_count_by_their_bytes() {
    assert_eq!(begins("txt", &lines(8, &"x".repeat(1500))), [1, 3, 5, 7]);
    assert_eq!(begins("txt", &lines(3, &"x".repeat(5000))), [1, 2, 3]);
    assert_eq!(begins("txt", &lines(2, &"x".repeat(2047))), [1], "exactly 4 KiB");
    assert_eq!(begins("txt", &lines(2, &"x".repeat(2048))), [1, 2]);
}

#[test]
fn a_definition_keeps_what_stands_above_it() {
    let rust = format!(
        "use a;\nuse b;\nuse c;\nuse d;\n\n/// Says.\n#[cfg(\n    test\n)]\nfn f() {{\n{}}}\n\n// Apart.\n\nfn g() {{\n{}}}\n",
        lines(20, "    x();"),
        lines(20, "    y();"),
    );
    assert_eq!(begins("rust", &rust), [1, 6, 35]);
}

#[test]
fn small_definitions_are_joined() {
    let text = lines(30, "int f(void)\n{\n\treturn 0;\n}\n");
    assert_eq!(begins("c", &text)[..3], [1, 26, 51]);
}

#[test]
fn a_small_definition_does_not_tear_a_long_one() {
    let text = format!(
        "int f(void)\n{{\n\treturn 0;\n}}\n\nint g(void)\n{{\n{}}}\n",
        lines(35, "\tx();")
    );
    assert_eq!(begins("c", &text), [1, 6]);
}

#[test]
fn a_long_definition_is_cut_where_it_is_indented_least() {
    let text = format!(
        "int f(void)\n{{\n{}\n{}\n{}}}\n",
        lines(20, "\tx();"),
        lines(8, "\t\ty();"),
        lines(30, "\tz();")
    );
    assert_eq!(begins("c", &text), [1, 24]);
}

#[test]
fn a_class_is_cut_between_its_methods() {
    let method = format!("    def f(self):\n{}\n", lines(10, "        pass"));
    let text = format!("class A:\n    \"\"\"Doc.\"\"\"\n\n{}", method.repeat(6));
    assert_eq!(begins("py", &text), [1, 16, 40, 64]);
}

#[test]
fn the_head_of_a_class_keeps_a_long_first_method() {
    let method = format!("    def f(self):\n{}\n", lines(50, "        pass"));
    let text = format!("class A:\n    x = 1\n\n{method}");
    assert_eq!(begins("py", &text), [1, 26]);
}

#[test]
fn comments_are_torn_only_where_nothing_else_can_be() {
    let text = format!(
        "/*\n{} */\nint f(void)\n{{\n{}\n{}}}\n",
        lines(28, " * says"),
        lines(5, "\tx();"),
        lines(20, "\ty();")
    );
    assert_eq!(begins("c", &text), [1, 39]);
    assert_eq!(begins("c", &lines(60, "// licence")), [1, 26]);
}

#[test]
fn sections_begin_with_their_headings() {
    let text = format!(
        "# A\n\n{}\n## B\n\n{}\n### C\nc\n\n## D\nd\n\n# E\n{}",
        lines(20, "a"),
        lines(12, "b"),
        lines(15, "e")
    );
    assert_eq!(begins("markdown", &text), [1, 24, 39, 45]);
}

#[test]
fn long_sections_are_cut_between_paragraphs() {
    let text = format!("# A\n\n{}", format!("{}\n", lines(7, "word")).repeat(10));
    assert_eq!(begins("markdown", &text), [1, 27, 51]);
}

#[test]
fn a_title_alone_is_no_chunk() {
    let text = format!(
        "# Title\n\n## First\n\n{}",
        format!("{}\n", lines(9, "word")).repeat(6)
    );
    assert_eq!(begins("markdown", &text), [1, 25]);
}

#[test]
fn what_is_tiny_is_joined_with_a_definition_that_leaves_room() {
    let function = format!("int f(void)\n{{\n{}}}\n\n", lines(28, "\tx();"));
    assert_eq!(begins("c", &format!("int x;\n\n{}", function.repeat(2))), [1, 35]);
}

#[test]
fn imports_are_a_chunk() {
    let text = format!("{}\ndef f():\n    pass\n", lines(6, "import a"));
    assert_eq!(begins("py", &text), [1, 8]);
    let text = format!("{}\ndef f():\n    pass\n", lines(3, "import a"));
    assert_eq!(begins("py", &text), [1], "too few");
}

#[test]
fn long_lines_are_cut_between_paragraphs() {
    let long = "x".repeat(400);
    let text = format!("{}\n{}", lines(6, &long), lines(6, &long));
    assert_eq!(begins("txt", &text), [1, 8]);
}

#[test]
fn a_heading_of_several_lines_is_not_torn() {
    let text = format!(
        "{}\n====\nOver\n====\n\nb\n\nUnder\n-----\n\n{}",
        lines(14, "a"),
        lines(12, "b")
    );
    assert_eq!(begins("rst", &text), [1, 16, 22]);
}
