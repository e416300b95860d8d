//! The names that chunks are found to define, for each family of languages.

use quern_text::{Language, cut_chunks};

/// The symbols of a text, in order.
fn symbols<'t>(language: &str, text: &'t str) -> Vec<&'t str> {
    let language = Language::from_name(language).unwrap();
    let chunks = cut_chunks(text.as_bytes(), language);
    let ranges = chunks.into_iter().flat_map(|chunk| chunk.symbols);
    ranges.map(|range| &text[range]).collect()
}

#[track_caller]
fn check(language: &str, rows: &[(&str, &[&str])]) {
    for (text, expected) in rows {
        assert_eq!(symbols(language, text), *expected, "{language}: {text}");
        let windows = text.replace('\n', "\r\n");
        assert_eq!(symbols(language, &windows), *expected, "{language}, CRLF: {text}");
    }
}

/// Whether the last line of the text begins a passage: then it is cut off from what stands above.
#[track_caller]
fn check_begins(language: &str, rows: &[(&str, bool)]) {
    for (line, expected) in rows {
        let text = format!("{}{line}\n", "    x\n".repeat(20));
        let text = format!("{text}{}", "        y\n".repeat(19));
        let chunks = cut_chunks(text.as_bytes(), Language::from_name(language).unwrap());
        assert_eq!(chunks[0].range.end == 120, *expected, "{language}: {line}");
    }
}

#[test]
fn c() {
    check(
        "c",
        &[
            ("static int foo(struct bar *b)\n{\n}", &["foo"]),
            ("int main(int argc,\n\t char **argv) {", &["main"]),
            ("static void __init\nsetup(void)\n{", &["setup"]),
            ("static __printf(2, 3) int say(const char *f, ...)\n{", &["say"]),
            ("struct list *first(void)\n{", &["first"]),
            ("int foo(struct bar *b);", &[]),
            ("int foo(struct bar *b)\n\nint x() {", &["x"]),
            ("\tif (x) {\n\tfoo(y) {", &[]),
            ("if (x) {", &[]),
            ("SYSCALL_DEFINE3(read, unsigned int, fd)\n{", &["read"]),
            ("MODULE_LICENSE(\"GPL\");", &[]),
            ("DECLARE(x) {\n", &["x"]),
            ("struct foo {\n\tint x;\n};", &["foo"]),
            ("struct foo\n{", &["foo"]),
            ("struct foo;\nextern int x;", &[]),
            ("typedef struct {\n\tint x;\n} foo_t;", &["foo_t"]),
            ("struct foo {\n} __packed;", &["foo"]),
            ("typedef unsigned int u32;", &["u32"]),
            ("enum colour { RED, GREEN };", &["colour"]),
            ("union u {", &["u"]),
            ("static const struct ops my_ops = {", &["my_ops"]),
            ("static const char *const names[] = {", &["names"]),
            ("static int count;", &["count"]),
            ("#define MAX(a, b) \\\n\t((a) > (b))", &["MAX"]),
            ("# define ONE 1", &["ONE"]),
            ("#include <a.h>\n#ifdef X\n#define\n#endif", &[]),
            ("/*\nint hidden(void) {\n*/\nint seen(void) {", &["seen"]),
            ("again:\n\tgoto again;", &[]),
            ("static int limit __read_mostly = 1;", &["limit"]),
            ("struct foo bar __initdata = {", &["bar"]),
            ("struct __packed foo {", &["foo"]),
            ("typedef unsigned int __u32;", &["__u32"]),
            ("static void f(void)\n__releases(x)\n{", &["f"]),
            ("static DEFINE_MUTEX(lock);\nLIST_HEAD(all);", &["lock", "all"]),
            ("TRACE_EVENT(wakeup,\n\tARGS(x)\n);", &["wakeup"]),
            ("typedef int (*callback)(void *);", &["callback"]),
            ("__attribute__((noreturn))\nvoid stop(void)\n{", &["stop"]),
            ("x = 1;\nreturn x;", &[]),
            ("int broken(int a", &[]),
            ("int odd(int a; b) {", &[]),
        ],
    );
    check_begins(
        "c",
        &[
            ("int foo(void) {", true),
            ("#define X \\", true),
            ("#define X 1", false),
            ("static int x;", false),
            ("static int x[] = {", true),
        ],
    );
}

#[test]
fn cpp() {
    check(
        "cpp",
        &[
            ("void Foo::bar(int x) const {", &["Foo", "bar"]),
            ("Foo::~Foo() {", &["Foo", "Foo"]),
            ("namespace a::b {", &["b"]),
            ("template <typename T>\nclass Box : public Base<T> {", &["Box"]),
            ("template <class T> T f(T x) {", &[]),
            (
                "class Foo {\n public:\n  int size() const { return n; }\n  Foo(int a) : a(a) {",
                &["Foo", "size", "Foo"],
            ),
            ("  enum class Kind { A };", &["Kind"]),
            ("  std::vector<int> list(int a) {", &["list"]),
            ("  return make(x) {\n  call(x) {\n  a = b(c) {\n  x < y(z) {", &[]),
            ("TEST(Suite, Name) {", &["Suite", "Name"]),
            ("extern \"C\" {", &[]),
        ],
    );
    check(
        "objc",
        &[
            ("@interface Foo : NSObject\n- (void)bar:(int)x {", &["Foo", "bar"]),
            ("+ (id)make\n{", &["make"]),
            ("static int f(void) {", &["f"]),
        ],
    );
}

#[test]
fn javascript() {
    check(
        "js",
        &[
            ("function foo(a) {", &["foo"]),
            ("export default async function* foo() {", &["foo"]),
            ("export default function () {", &[]),
            (
                "class Foo extends Bar {\n  constructor(a) {\n  get x() { return 1 }\n  static async *y() {",
                &["Foo", "constructor", "x", "y"],
            ),
            ("const f = (a, b) => a + b", &["f"]),
            ("const f = async a => {", &["f"]),
            (
                "  const inner = (a) => {\n  const value = 1\n  let x = f(a)",
                &["inner"],
            ),
            ("const f = (\n  a,\n  b,\n) => {", &["f"]),
            ("const value = (\n  a\n)", &["value"]),
            ("export const LIMIT = 10;", &["LIMIT"]),
            ("const { a } = require('a')", &[]),
            ("var f = function (a) {\nlet C = class {", &["f", "C"]),
            ("exports.X = 1\nmodule.exports.Y = function () {", &["X", "Y"]),
            ("module.exports = function make() {", &["make"]),
            ("module.exports = {", &[]),
            ("Foo.prototype.bar = function (a) {", &["Foo", "bar"]),
            (
                "Foo.prototype = {\n  bar: function () {\n  baz: (x) => {\n  z: 1,",
                &["Foo", "bar", "baz"],
            ),
            ("app.handle = function handle(req) {", &["app", "handle"]),
            ("this.go = () => {", &["go"]),
            ("app.x = 1\napp.x == function\nx.y => z", &[]),
            (
                "  if (a) {\n  for (;;) {\n  foo(a, () => {\n  foo(a);\n  else if (b) {",
                &[],
            ),
            ("  #secret() {", &["secret"]),
            ("  method(\n    a,\n  ) {", &["method"]),
            ("foo(a) {", &[]),
            ("/* function no() {\n*/ \n// class No {", &[]),
        ],
    );
    check_begins(
        "js",
        &[
            ("module.exports = {", true),
            ("export default function () {", true),
            ("const x = 1", false),
            ("const x = [", true),
            ("it('works', () => {", false),
        ],
    );
}

#[test]
fn typescript() {
    check(
        "ts",
        &[
            (
                "export interface Foo<T> {\n  bar(x: number): string;",
                &["Foo", "bar"],
            ),
            (
                "export type Id = string\ndeclare enum E {\nconst enum F {",
                &["Id", "E", "F"],
            ),
            (
                "export abstract class Foo {\n  private async load<T>(x: T): Promise<T> {",
                &["Foo", "load"],
            ),
            (
                "  readonly handler = async (x: X): Promise<void> => {",
                &["handler"],
            ),
            ("  handler: Handler = (x) => {", &["handler"]),
            ("export const f: Fn = <T>(x: T) => x", &["f"]),
            (
                "  public get(key: K): V {\n  get(key) {\n  type: 'x',",
                &["get", "get"],
            ),
            ("declare module 'x' {\nnamespace N {", &["N"]),
            (
                "  constructor(\n    private readonly x: X,\n  ) {",
                &["constructor"],
            ),
            ("@Component({\n  a: 1,\n})\nexport class Foo {", &["Foo"]),
        ],
    );
}

#[test]
fn python() {
    check(
        "py",
        &[
            ("class Foo(Bar):\n    async def go(self):", &["Foo", "go"]),
            ("@decorated(\n    1,\n)\ndef f(\n    x,\n):", &["f"]),
            (
                "LIMIT = 1\nMAP: dict = {\nname = 2\n    X = 1\nX == 1",
                &["LIMIT", "MAP"],
            ),
            ("the class of things\n    class of things\n    def nothing", &[]),
            ("def f[T](x): pass\nclass A: pass", &["f", "A"]),
        ],
    );
}

#[test]
fn rust() {
    check(
        "rust",
        &[
            ("pub(crate) async unsafe fn f<T>(x: T) {", &["f"]),
            ("pub const unsafe extern \"C\" fn g() {", &["g"]),
            ("impl<T: A<B>> fmt::Display for Foo<T> {", &["Display", "Foo"]),
            ("unsafe impl Send for &'a mut Foo {}", &["Send", "Foo"]),
            ("impl Foo {", &["Foo"]),
            (
                "    fn default() -> Self {\n    fn union<T>(x: T)",
                &["default", "union"],
            ),
            ("impl dyn Any {", &["Any"]),
            ("struct A;\nenum B {\ntrait C {\nunion D {", &["A", "B", "C", "D"]),
            ("macro_rules! say {", &["say"]),
            (
                "const LIMIT: usize = 1;\nstatic mut X: u8 = 0;\ntype A = B;\nmod m;\nconst _: () = ();",
                &["LIMIT", "X", "A", "m"],
            ),
            ("let x = 1;\nuse foo;\n// fn no()", &[]),
        ],
    );
    check_begins(
        "rust",
        &[("mod tests {", true), ("mod tests;", false), ("impl A {", true)],
    );
}

#[test]
fn go() {
    check(
        "go",
        &[
            ("func Name(a int) error {", &["Name"]),
            ("func (r *Type) Name() {", &["Type", "Name"]),
            ("func (Type[K]) Name() {", &["Type", "Name"]),
            ("func (broken", &[]),
            ("func Map[K any](k K) {", &["Map"]),
            (
                "type X struct {\ntype (\nvar y = 1\nconst Z = 2\n\tvar local = 1",
                &["X", "y", "Z"],
            ),
        ],
    );
}

#[test]
fn java_and_its_like() {
    check(
        "java",
        &[
            (
                "public final class Foo<T> extends Bar {\n    @Override\n    public Map<K, V> go(int x) throws E {",
                &["Foo", "go"],
            ),
            (
                "    Foo(int a) {\n    call(a) {\n    CALL(a) {\n    new Foo(a) {\n    int x = f(a);",
                &["Foo"],
            ),
            ("record Point(int x) {\n@interface A {", &["Point"]),
        ],
    );
    check(
        "csharp",
        &[
            (
                "namespace A.B\n{\n    [Test]\n    internal static class C\n    {\n        public int[] M(int x)\n        {",
                &["A", "B", "C", "M"],
            ),
            ("        public int X() => 1;", &["X"]),
        ],
    );
    check(
        "kotlin",
        &[(
            "data class A(val x: Int)\n    override fun String.b(): C {\nval TOP = 1\n    val local = 2\nfun <T> f() {",
            &["A", "String", "b", "TOP", "f"],
        )],
    );
    check(
        "swift",
        &[(
            "public final class A {\n    private(set) var x = 1\n    func go() {\nprotocol P {",
            &["A", "go", "P"],
        )],
    );
    check(
        "scala",
        &[(
            "case class A(x: Int)\nobject B {\n  implicit def c(x: Int) = {",
            &["A", "B", "c"],
        )],
    );
    check(
        "php",
        &[(
            "Class A {\n    public static function &b() {\nconst C = 1;",
            &["A", "b", "C"],
        )],
    );
    check(
        "dart",
        &[("class A {\n  Future<int> go(int x) async {", &["A", "go"])],
    );
}

#[test]
fn scripts() {
    check(
        "ruby",
        &[(
            "module A::B\n  def self.go!\n  class C < D",
            &["A", "B", "go!", "C"],
        )],
    );
    check(
        "elixir",
        &[(
            "defmodule A.B do\n  @doc \"x\"\n  def go?(x) do\n  defp b, do: 1",
            &["A", "B", "go?", "b"],
        )],
    );
    check("julia", &[("mutable struct A\nfunction f(x)", &["A", "f"])]);
    check("perl", &[("package A::B;\nsub go {", &["A", "B", "go"])]);
    check(
        "sh",
        &[("go-on() {\nfunction b {\nc () {\nd=$(x)", &["go-on", "b", "c"])],
    );
    check(
        "lua",
        &[(
            "local function a(x)\nfunction b.c:d()\ne.f = function(x)\nlocal g = 1",
            &["a", "b", "c", "d", "e", "f"],
        )],
    );
    check(
        "r",
        &[("a.b <- function(x) {\nc = function() {\nd <- 1", &["a.b", "c"])],
    );
    check("ps", &[("Function Get-It {\n<#\nfunction no {\n#>", &["Get-It"])]);
    check("vim", &[("function! s:go() abort\n\" function no", &["s:go"])]);
}

#[test]
fn functional() {
    check(
        "haskell",
        &[(
            "module Data.Map where\ngo' :: Int -> Int\ndata A = B\n  local :: Int\n-- no :: A",
            &["Data", "Map", "go'", "A"],
        )],
    );
    check(
        "ocaml",
        &[(
            "let rec go x =\n  let local = 1\ntype t = int\n(* let no =\n*)",
            &["go", "t"],
        )],
    );
    check(
        "erlang",
        &[(
            "go(X) ->\nstop(X) when X > 1 ->\n-record(r, {})\nother(X)",
            &["go", "stop", "r"],
        )],
    );
    check(
        "clojure",
        &[(
            "(ns a.b)\n(defn ^:private go! [x]\n  (def local 1)\n(println x)",
            &["a.b", "go!"],
        )],
    );
    check("lisp", &[("(define (go x)\n(defvar *it* 1)", &["go", "*it*"])]);
    check(
        "zig",
        &[(
            "pub fn go() void {\npub const A = struct {\nconst b = 1;\ntest \"x\" {\n    const c = 2;",
            &["go", "A", "b"],
        )],
    );
    check("nim", &[("proc go*(x: int) =", &["go"])]);
}

#[test]
fn descriptions() {
    check(
        "make",
        &[(
            "all: a b\n%.o: %.c\nX := 1\ndefine go\n\tcmd: x",
            &["all", "%.o", "go"],
        )],
    );
    check("cmake", &[("Function(go a)\nmacro (b)\nset(x 1)", &["go", "b"])]);
    check(
        "asm",
        &[(
            "SYM_FUNC_START(go)\nSYM_FUNC_END(go)\nENTRY(b)\nc:\n.Llocal:\n1:\n\tmov",
            &["go", "b", "c"],
        )],
    );
    check(
        "kconfig",
        &[("config FOO\n\tbool\nmenuconfig BAR", &["FOO", "BAR"])],
    );
    check(
        "sql",
        &[(
            "CREATE OR REPLACE TABLE IF NOT EXISTS a.b (\ncreate function `c`()\nselect 1",
            &["a", "b", "c"],
        )],
    );
    check(
        "proto",
        &[(
            "message A {\nservice B {\n  rpc C(D) returns (E);",
            &["A", "B", "C"],
        )],
    );
    check("graphql", &[("extend type A {\nenum B {", &["A", "B"])]);
    check(
        "tf",
        &[(
            "resource \"aws_x\" \"main\" {\nlocals {\n  x = {",
            &["aws_x", "main"],
        )],
    );
    check("pascal", &[("PROCEDURE Go;\nfunction b: integer;", &["Go", "b"])]);
    check(
        "verilog",
        &[("module top (\n  task automatic go;", &["top", "go"])],
    );
}

#[test]
fn headings() {
    check(
        "markdown",
        &[
            ("# One\n##  Two ##\n####### no\n#no\n#", &["One", "Two"]),
            (
                "# C#\n```sh\n# no\n```\n~~~\n# no\n```\n~~~\n## Yes",
                &["C#", "Yes"],
            ),
            (
                "Title\n=====\n\nOther\n---\ntext\nmore\n---\n\na | b\n--- | ---",
                &["Title", "Other"],
            ),
            ("---\nx: y\n---\n# T", &["T"]),
            ("    # no", &[]),
        ],
    );
    check(
        "rst",
        &[
            (
                "=====\nTitle\n=====\n\nOne\n---\n\n  no\n  --\n\nToo long\n---\n\ntext\nover\n----",
                &["Title", "One"],
            ),
            ("Größe\n~~~~~", &["Größe"]),
        ],
    );
    check(
        "asciidoc",
        &[("= One\n----\n== no\n----\n== Two\n--- x", &["One", "Two"])],
    );
    check(
        "html",
        &[(
            "<h1 id=x><a href=y>One</a></h1>\n  <h2>Two</h2>\n<hr>\n<h3",
            &["One", "Two"],
        )],
    );
    check("org", &[("* One\n** Two\ntext *bold*", &["One", "Two"])]);
    check("wiki", &[("== One ==", &["One"])]);
    check("pod", &[("=head1 NAME\n=over", &["NAME"])]);
    check(
        "tex",
        &[(
            "\\section*{One}\n\\subsection{Two}\n\\emph{no}\n\\x",
            &["One", "Two"],
        )],
    );
    check("toml", &[("[package]\n[[bin]]\nx = [1]\n[]", &["package"])]);
}

#[test]
fn nothing_is_found_where_nothing_is_known() {
    let text = "fn f() {\n# Title\nclass A:\n";
    for language in ["unknown", "json", "txt", "log", "yaml"] {
        assert_eq!(symbols(language, text), [""; 0]);
    }
}
