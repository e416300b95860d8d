//! Fields of records: which ones the lines of each format have, and time stamps that are written as patterns say.

mod real_logs;

use quern_text::{Language, RecordCutter, TimeStamps};

/// 2017-01-01.
const MODIFIED: i64 = 1_483_228_800_000;

fn fields(line: &str) -> String {
    let log = Language::from_name("log").unwrap();
    let text = format!("{line}\n\ta=1 in a stack trace\n");
    let cutter = RecordCutter::of(text.as_bytes(), log, MODIFIED, &TimeStamps::default());
    let records = cutter.unwrap_or_else(|| panic!("{line}")).cut(text.as_bytes());
    assert_eq!(records.len(), 1, "{line}");
    let fields = records[0].fields.iter();
    let fields = fields.map(|(name, value)| format!("{name}={value}"));
    fields.collect::<Vec<_>>().join(" ")
}

#[test]
fn lines_of_each_format() {
    let access = "10.0.0.1 - alice [10/Oct/2000:13:55:36 -0700] \"GET /a?b=1&c=2 HTTP/1.1\" 200 2326";
    let columns =
        "remote=10.0.0.1 user=alice method=GET url=/a?b=1&c=2 protocol=HTTP/1.1 status=200 bytes=2326";
    for (line, expected) in [
        (
            r#"{"time":"2015-07-29T17:41:44Z","level":"warn","a":{"b":1},"msg":"x=y"}"#,
            "level=warn a.b=1",
        ),
        (
            r#"{"ts":1438191704.7,"logger":"x","n":null,"ok":true}"#,
            "logger=x ok=true",
        ),
        (
            "time=2015-07-29T17:41:44Z level=info msg=\"a b=c\" status=200 user=\"A B\"",
            "level=info status=200 user=A B",
        ),
        (
            "level=info ts=2015-07-29T17:41:44Z caller=main.go:12",
            "level=info caller=main.go:12",
        ),
        (access, columns),
        (
            &format!("{access} \"-\" \"Mozilla/5.0 (X11)\" rt=0.25"),
            &format!("{columns} agent=Mozilla/5.0 (X11) rt=0.25"),
        ),
        (
            &format!("example.org {access}"),
            &format!("host=example.org {columns}"),
        ),
        (
            "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"-\" 408 - \"-\" \"-\"",
            "remote=10.0.0.1 status=408",
        ),
        (
            r#"10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\"b HTTP/1.1" 404 12 "-" "a \"b\"""#,
            r#"remote=10.0.0.1 method=GET url=/a\"b protocol=HTTP/1.1 status=404 bytes=12 agent=a \"b\""#,
        ),
        (
            "Jun 14 15:16:01 combo sshd(pam_unix)[19939]: x; logname= uid=0 user=root",
            "host=combo source=sshd pid=19939 uid=0 user=root",
        ),
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
            "host=mymachine source=su",
        ),
        (
            "<165>1 2003-10-11T22:14:15.003Z h.org evntslog - ID47 [e@1 iut=\"3\" s=\"A p\"] An entry",
            "host=h.org source=evntslog msgid=ID47 iut=3 s=A p",
        ),
        (
            "2015-07-29T17:41:44.747+02:00 host sshd[123]: x",
            "host=host source=sshd pid=123",
        ),
        (
            "2015-07-29 17:41:44,747 - INFO  [main:Foo@774] - x k=v",
            "source=Foo thread=main k=v",
        ),
        ("[2015-07-29T17:41:44Z DEBUG app::x] y", "source=app::x"),
        (
            "I0614 15:16:01.123456  1234 file.cc:34] x",
            "source=file.cc pid=1234",
        ),
        (
            "[Sun Dec 04 04:47:44 2005] [core:error] [pid 5:tid 6] [client 1.2.3.4:5] x",
            "source=core pid=5 client=1.2.3.4:5",
        ),
        ("2015-07-29 17:41:44 nothing else", ""),
    ] {
        assert_eq!(fields(line), expected, "{line}");
    }
}

#[test]
fn lines_that_go_on_with_a_record_have_its_fields() {
    let log = Language::from_name("log").unwrap();
    let text = format!(
        "2015-07-29T17:41:44Z INFO a.b: x k=v\n{}",
        "\tat k=w\n".repeat(20_000)
    );
    let mut cutter = RecordCutter::of(text.as_bytes(), log, MODIFIED, &TimeStamps::default()).unwrap();
    let mut records = cutter.cut(text.as_bytes());
    assert!(records.len() > 2);
    records.extend(cutter.cut(b"\tmore k=x\n"));
    for record in &records {
        let found: Vec<_> = record.fields.iter().collect();
        assert_eq!(found, [("source", "a.b"), ("k", "v")]);
    }
    let head = format!("no stamp k=v\n{}", "2015-07-29T17:41:44Z INFO x\n".repeat(2));
    let mut cutter = RecordCutter::of(head.as_bytes(), log, MODIFIED, &TimeStamps::default()).unwrap();
    assert!(cutter.cut(head.as_bytes())[0].fields.is_empty());
}

/// Real logs, what their first record says, and of how many percent of the records a source is known.
const LOGS: &[(&str, &str, usize)] = &[
    ("Apache", "", 0),
    ("HDFS", "source=dfs.DataNode$PacketResponder pid=148", 100),
    (
        "Hadoop",
        "source=org.apache.hadoop.mapreduce.v2.app.MRAppMaster thread=main",
        99,
    ),
    ("HealthApp", "source=Step_LSC pid=30002312", 100),
    (
        "Linux",
        "host=combo source=sshd pid=19939 uid=0 euid=0 tty=NODEVssh rhost=218.188.2.4",
        99,
    ),
    ("Mac", "host=calvisitor-10-105-160-95 source=kernel pid=0", 93),
    ("OpenSSH", "host=LabSZ source=sshd pid=24200", 100),
    (
        "OpenStack",
        "source=nova.osapi_compute.wsgi.server pid=25746",
        100,
    ),
    ("Spark", "source=executor.CoarseGrainedExecutorBackend", 100),
    (
        "Zookeeper",
        "source=FastLeaderElection thread=QuorumPeer[myid=1]/0:0:0:0:0:0:0:0:2181 myid=1",
        99,
    ),
];

#[test]
fn hostile_lines_cost_no_more_than_their_length() {
    let log = Language::from_name("log").unwrap();
    let first = |line: String| {
        let cutter = RecordCutter::of(line.as_bytes(), log, MODIFIED, &TimeStamps::default());
        let fields = cutter.unwrap().cut(line.as_bytes()).remove(0).fields;
        fields.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
    };
    let nested = "\"\":{".repeat(200_000);
    let line = format!("{{\"time\":\"2015-07-29T17:41:44Z\",\"a\":1,{nested}\n");
    assert_eq!(first(line), ["a"]);
    let line = format!("2015-07-29T17:41:44Z INFO {}\n", "1=".repeat(1 << 20));
    assert_eq!(first(line), [""; 0]);
}

/// As in `record_samples.rs`.
#[test]
fn records_of_real_logs() {
    let Some(folder) = real_logs::folder() else { return };
    let log = Language::from_name("log").unwrap();
    for (name, first, percent) in LOGS {
        let text = std::fs::read(folder.join(format!("{name}.log"))).unwrap();
        let mut cutter = RecordCutter::of(&text, log, MODIFIED, &TimeStamps::default()).unwrap();
        let records = cutter.cut(&text);
        let said = records[0].fields.iter();
        let said = said.map(|(name, value)| format!("{name}={value}"));
        assert_eq!(said.collect::<Vec<_>>().join(" "), *first, "{name}");
        let has_source = |name: &str| name == "source";
        let known = records
            .iter()
            .filter(|record| record.fields.iter().any(|(name, _)| has_source(name)));
        let known = 100 * known.count() / records.len();
        assert!(known >= *percent, "{name}: {known} %");
    }
}

fn time_of(pattern: &str, line: &str) -> Option<i64> {
    let stamps = TimeStamps::new(&[pattern.to_owned()]).unwrap_or_else(|error| panic!("{error}"));
    let log = Language::from_name("log").unwrap();
    let mut cutter = RecordCutter::of(line.as_bytes(), log, MODIFIED, &stamps)?;
    cutter.cut(line.as_bytes())[0].time
}

#[test]
fn stamps_as_patterns_say() {
    let time = 1_438_191_704_000;
    for (pattern, line, milli) in [
        ("%d.%m.%Y %H:%M:%S", "29.07.2015 17:41:44 INFO x", 0),
        ("%d.%m.%Y %H:%M:%S", "29.07.2015 17:41:44,747 x", 747),
        ("%d.%m.%Y %H:%M:%S", "app | 29.07.2015 17:41:44 x", 0),
        ("[%d.%m.%Y %H:%M:%S]", "[29.07.2015 17:41:44] x", 0),
        ("%d.%m.%Y %H:%M:%S", "[29.07.2015 17:41:44.5] x", 500),
        ("%m/%d/%y %I:%M:%S %p", "07/29/15 05:41:44 PM x", 0),
        ("%e. %B %Y, %T %z", "29. July 2015, 19:41:44 +0200 x", 0),
        ("%d %b %Y %T", "29 Jul 2015 19:41:44+02:00 x", 0),
        ("%d/%m %T", "29/07 17:41:44 x", 31_622_400_000),
        ("@%s", "@1438191704.25 x", 250),
        ("%d.%m.%Y %T", r#"{"ts":"29.07.2015 17:41:44","a":1}"#, 0),
        ("%d.%m.%Y %T", "level=info ts=\"29.07.2015 17:41:44\" a=1", 0),
        // What a pattern says goes before what is known.
        ("%Y-%d-%m %T", "2015-07-29 00:00:00 2015-29-07 17:41:44", 0),
    ] {
        assert_eq!(time_of(pattern, line), Some(time + milli), "{pattern}: {line}");
    }
    for (pattern, line) in [
        ("%d.%m.%Y %H:%M:%S", "29.07.2015 17:41:441 x"),
        ("%d.%m.%Y %H:%M:%S", "31.02.2015 17:41:44 x"),
        ("%d.%m.%Y %H:%M:%S", "29-07-2015 17:41:44 x"),
    ] {
        assert_eq!(time_of(pattern, line), None, "{pattern}: {line}");
    }
}

#[test]
fn patterns_that_say_too_little_are_refused() {
    for (pattern, reason) in [
        (
            "%d.%m.%Y",
            "'%d.%m.%Y' is no pattern of a time stamp, it has to say day, month and hour",
        ),
        ("%H:%M:%S", "it has to say day, month and hour"),
        ("%d.%m.%Y %I:%M", "it has to say day, month and hour"),
        ("", "it has to say"),
        ("%", "'%' is no pattern of a time stamp"),
        ("%d %Q", "'%d %Q' is no pattern of a time stamp"),
        ("%Z", "'%Z' is no pattern of a time stamp"),
    ] {
        let error = TimeStamps::new(&[pattern.to_owned()]).unwrap_err();
        assert!(error.to_string().contains(reason), "{error}");
    }
}
