//! Records of logs: what their first lines say, how texts are cut into them, and what is no log.

use quern_testkit::Rng;
use quern_text::{Language, Level, Record, RecordCutter, TimeStamps};
use regex_automata::meta::Regex;
use time::{Date, Duration, Month, OffsetDateTime, Time, UtcOffset};

/// When the files were modified: 2017-01-01.
const MODIFIED: i64 = 1_483_228_800_000;

fn language(name: &str) -> Language {
    Language::from_name(name).unwrap()
}

fn cut(text: &str) -> Option<Vec<Record>> {
    let cutter = RecordCutter::of(text.as_bytes(), language("log"), MODIFIED, &TimeStamps::default());
    cutter.map(|mut cutter| cutter.cut(text.as_bytes()))
}

/// Milliseconds since 1970 of a time such as `2015-07-29T17:41:44.747`.
fn millis(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i32>().unwrap();
    let part = |start: usize| number(start..start + 2) as u8;
    let month = Month::try_from(part(5)).unwrap();
    let date = Date::from_calendar_date(number(0..4), month, part(8)).unwrap();
    let milli = if text.len() > 20 { number(20..23) as u16 } else { 0 };
    let time = Time::from_hms_milli(part(11), part(14), part(17), milli).unwrap();
    (date.with_time(time).assume_utc().unix_timestamp_nanos() / 1_000_000) as i64
}

const FORMATS: &[(&str, &str, Option<Level>)] = {
    use Level::*;
    &[
        (
            "2015-07-29 17:41:44,747 - INFO  [main:Foo@774] - x",
            "2015-07-29T17:41:44.747",
            Some(Info),
        ),
        ("2015-07-29T17:41:44Z WARN x", "2015-07-29T17:41:44", Some(Warn)),
        (
            "2015-07-29T17:41:44.123456789+02:00 error x",
            "2015-07-29T15:41:44.123",
            Some(Error),
        ),
        ("2015-07-29 17:41:44.5 -0730 x", "2015-07-30T01:11:44.500", None),
        (
            "2015-07-29 17:41:44 UTC [12] ERROR:  x",
            "2015-07-29T17:41:44",
            Some(Error),
        ),
        ("2015-07-29 17:41:44 - 1234 x", "2015-07-29T17:41:44", None),
        (
            "[2015-07-29T17:41:44Z DEBUG app] x",
            "2015-07-29T17:41:44",
            Some(Debug),
        ),
        (
            "[2015-07-29 17:41:44.12] production.ERROR: x",
            "2015-07-29T17:41:44.120",
            None,
        ),
        (
            "2017/06/09 20:10:40 [error] 12#12: *1 open() failed",
            "2017-06-09T20:10:40",
            Some(Error),
        ),
        ("17/06/09 20:10:40 INFO a.B: x", "2017-06-09T20:10:40", Some(Info)),
        ("99/12/31 23:59:60 INFO a.B: x", "2000-01-01T00:00:00", Some(Info)),
        (
            "081109 203615 148 INFO dfs.DataNode: x",
            "2008-11-09T20:36:15",
            Some(Info),
        ),
        ("20171223-22:15:29:606|Step|1|x", "2017-12-23T22:15:29.606", None),
        ("20171224-0:7:20:4|Step|1|x", "2017-12-24T00:07:20.004", None),
        ("20171223T221529Z x", "2017-12-23T22:15:29", None),
        (
            "Jun 14 15:16:01 combo sshd[1]: error: x",
            "2016-06-14T15:16:01",
            Some(Error),
        ),
        ("Jul  1 09:00:55 host kernel[0]: x", "2016-07-01T09:00:55", None),
        ("Jan  1 23:00:00 host a: x", "2017-01-01T23:00:00", None),
        ("Jan  2 00:00:01 host a: x", "2016-01-02T00:00:01", None),
        ("Feb 29 09:00:55.25 host a: x", "2016-02-29T09:00:55.250", None),
        ("Jun 14 2015 15:16:01 UTC: %SYS-5: x", "2015-06-14T15:16:01", None),
        (
            "<34>Oct 11 22:14:15 mymachine su: 'su root' failed",
            "2016-10-11T22:14:15",
            Some(Fatal),
        ),
        (
            "<165>1 2003-08-24T05:14:15.000003-07:00 host app - - x",
            "2003-08-24T12:14:15",
            Some(Notice),
        ),
        (
            "[Sun Dec 04 04:47:44 2005] [error] mod_jk x",
            "2005-12-04T04:47:44",
            Some(Error),
        ),
        (
            "[Fri Sep  9 10:42:29.902022 2011] [core:warn] [pid 1] x",
            "2011-09-09T10:42:29.902",
            Some(Warn),
        ),
        (
            "127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.0\" 200 2326",
            "2000-10-10T20:55:36",
            None,
        ),
        (
            "h:80 ::1 - - [10/Oct/2000:13:55:36 +0000] \"GET /\" 200 1",
            "2000-10-10T13:55:36",
            None,
        ),
        (
            "14-Jun-2015 15:16:01.500 SEVERE [main] x",
            "2015-06-14T15:16:01.500",
            Some(Error),
        ),
        (
            "I0614 15:16:01.123456    12 a.cc:5] x",
            "2016-06-14T15:16:01.123",
            Some(Info),
        ),
        (
            "nova.log.1.2017-05-16_13:53:08 2017-05-16 00:00:00.008 25746 INFO nova x",
            "2017-05-16T00:00:00.008",
            Some(Info),
        ),
        (
            "web_1  | 2017-05-16 00:00:00 WARNING x",
            "2017-05-16T00:00:00",
            Some(Warn),
        ),
        ("ERROR 2017-05-16 00:00:00 x", "2017-05-16T00:00:00", Some(Error)),
        (
            "1286536309.586    921 192.168.0.68 TCP_MISS/200 x",
            "2010-10-08T11:11:49.586",
            None,
        ),
        ("1286536309586 x", "2010-10-08T11:11:49.586", None),
        (
            r#"time="2017-05-16T00:00:00Z" level=warning msg="x""#,
            "2017-05-16T00:00:00",
            Some(Warn),
        ),
        (
            "level=info ts=2017-05-16T00:00:00.1Z caller=a.go:1 msg=x",
            "2017-05-16T00:00:00.100",
            Some(Info),
        ),
        (
            r#"{"level":30,"time":1286536309586,"msg":"x"}"#,
            "2010-10-08T11:11:49.586",
            Some(Info),
        ),
        (
            r#"{"ts":1286536309.586,"level":"error","msg":"x"}"#,
            "2010-10-08T11:11:49.586",
            Some(Error),
        ),
        (
            r#"{"log":"a \"ts\": b","stream":"out","time":"2017-05-16T00:00:00.1234Z"}"#,
            "2017-05-16T00:00:00.123",
            None,
        ),
        (
            r#"{"@timestamp":"2017-05-16T00:00:00+01:00","severity":"CRITICAL"}"#,
            "2017-05-15T23:00:00",
            Some(Fatal),
        ),
    ]
};

#[test]
fn every_format() {
    for (line, time, level) in FORMATS {
        let records = cut(&format!("{line}\n  more\n{line}\n")).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(records.len(), 2, "{line}");
        for record in records {
            assert_eq!(record.time, Some(millis(time)), "{line}: {time}");
            assert_eq!(record.level, *level, "{line}");
            assert!(record.begins);
        }
    }
}

#[test]
fn no_log() {
    let three = |line: &str| format!("{line}\n{line}\n{line}\n");
    let (iso, prose) = ("2015-07-29 17:41:44 x\n", "no stamp\n");
    let rows: &[(&str, String)] = &[
        ("rust", three("2015-07-29 17:41:44 x")),
        ("markdown", three("2015-07-29 17:41:44 x")),
        ("csv", three("2015-07-29 17:41:44,1,2")),
        ("txt", three("2015-07-29 17:41:44,1.5;2")),
        ("txt", three("2015-07-29;17:41:44")),
        ("txt", three("2015-07-29  Jo Doe  <jo@example.org>")),
        ("txt", three("2015-13-29 17:41:44 x")),
        ("txt", three("2015-07-29 17:61:44 x")),
        ("txt", three("2015-07-29 17:41:44x")),
        ("txt", three("  2015-07-29 17:41:44 x")),
        ("txt", three("a b c d e 2015-07-29 17:41:44 x")),
        ("txt", three("Jun 14 notes")),
        ("txt", three("{\"a\":1}")),
        ("txt", three("{\"time\":[1286536309586]}")),
        ("txt", three("<34>no stamp")),
        ("txt", three("128653630 9223 12865363099")),
        ("txt", "1286536309 x\n1286536308 x\n1286536307 x\n".to_owned()),
        ("txt", format!("{iso}{iso}")),
        ("txt", format!("{}{}", iso.repeat(20), prose.repeat(20))),
        ("log", format!("{}{}", iso.repeat(2), prose.repeat(2))),
        ("log", String::new()),
        ("log", "\n\n".to_owned()),
    ];
    for (name, text) in rows {
        let cutter = RecordCutter::of(text.as_bytes(), language(name), MODIFIED, &TimeStamps::default());
        assert!(cutter.is_none(), "{name}: {text}");
    }
}

#[test]
fn a_log_is_told_by_most_of_its_lines() {
    let iso = "2015-07-29 17:41:44 x\n";
    let trace = "java.lang.Error\n\tat a.B\n\n".repeat(2) + &"\tat a.C\n".repeat(100);
    let texts = [
        ("txt", iso.repeat(3)),
        ("unknown", iso.repeat(3)),
        ("jsonl", "{\"time\":\"2015-07-29T17:41:44Z\"}\n".repeat(3)),
        ("log", iso.to_owned()),
        ("log", "2015-07-29 17:41:44,1,2\n".to_owned()),
        ("txt", format!("{}{}", iso.repeat(6), "no stamp\n".repeat(4))),
        ("txt", format!("{trace}{}", iso.repeat(4))),
        ("txt", format!("{}{}", iso.repeat(50), "no stamp\n".repeat(500))),
    ];
    for (name, text) in texts {
        let language = if name == "unknown" {
            Language::UNKNOWN
        } else {
            language(name)
        };
        assert!(
            RecordCutter::of(text.as_bytes(), language, MODIFIED, &TimeStamps::default()).is_some(),
            "{name}: {text}"
        );
    }
}

#[test]
fn lines_without_a_stamp_belong_to_the_record_before() {
    let text = "head\n\n2015-07-29 17:41:44 ERROR a\n\tat b\n\nCaused by: c\n2015-07-29 17:41:45 d\nno end";
    let log = "2015-07-29 17:41:44 x\n".repeat(9);
    let cutter = RecordCutter::of(log.as_bytes(), language("log"), MODIFIED, &TimeStamps::default()).unwrap();
    let cut = |text: &str| cutter.clone().cut(text.as_bytes());
    let records = cut(&format!("{text}\n"));
    let shown: Vec<_> = records
        .iter()
        .map(|record| (record.line, record.begins, record.level, record.time))
        .collect();
    let time = millis("2015-07-29T17:41:44");
    let expected = [
        (0, false, None, None),
        (2, true, Some(Level::Error), Some(time)),
        (6, true, None, Some(time + 1000)),
    ];
    assert_eq!(shown, expected);
    let without_end = cut(text);
    assert_eq!(without_end.last().unwrap().range.end, text.len());
}

#[test]
fn a_long_record_is_cut_between_lines() {
    let trace = "\tat a.b.C.d(E.java:1)\n".repeat(10_000);
    let text = format!("2015-07-29 17:41:44 WARN a\n{trace}2015-07-29 17:41:45 b\n");
    let records = cut(&text).unwrap();
    let expected = trace.len().div_ceil(64 << 10) + 1;
    assert_eq!(records.len(), expected);
    assert!(records.iter().all(|record| record.range.len() <= 64 << 10));
    let begins = records.iter().filter(|record| record.begins).count();
    assert_eq!(begins, 2);
    for record in &records[..expected - 1] {
        assert_eq!(record.time, Some(millis("2015-07-29T17:41:44")));
        assert_eq!(record.level, Some(Level::Warn));
    }
}

/// A line that begins a record, in one of three notations, or a line that goes on with one.
fn line(rng: &mut Rng) -> String {
    let (a, b) = (10 + rng.below(18), 10 + rng.below(50));
    match rng.below(7) {
        0 | 1 => format!("2016-02-{a} 17:{b}:44,747 INFO x\n"),
        2 | 3 => format!("2016-02-{a}T17:{b}:44Z ERROR x\n"),
        4 => format!("[2016-02-{a} 17:{b}:44] DEBUG x\n"),
        5 => "\tat x\n".to_owned(),
        _ => "\n".to_owned(),
    }
}

#[test]
fn windows_change_nothing_but_what_goes_on() {
    let mut rng = Rng::new(3);
    for _ in 0..300 {
        let count = 1 + rng.below(40);
        let lines: Vec<String> = (0..count).map(|_| line(&mut rng)).collect();
        let text = lines.concat();
        let Some(cutter) =
            RecordCutter::of(text.as_bytes(), language("log"), MODIFIED, &TimeStamps::default())
        else {
            continue;
        };
        let whole = cutter.clone().cut(text.as_bytes());
        assert_covers(&whole, &text);
        let mut cutter = cutter;
        let mut joined: Vec<Record> = Vec::new();
        let (mut offset, mut number) = (0, 0);
        while number < lines.len() {
            let next = number + 1 + rng.below(6);
            let window = lines[number..next.min(lines.len())].concat();
            for mut record in cutter.cut(window.as_bytes()) {
                record.range = record.range.start + offset..record.range.end + offset;
                record.line += number as u64;
                let goes_on = !record.begins && record.range.start == offset && offset > 0;
                match joined.last_mut().filter(|_| goes_on) {
                    Some(open) => {
                        assert_eq!((open.time, open.level), (record.time, record.level));
                        open.range.end = record.range.end;
                    }
                    None => joined.push(record),
                }
            }
            offset += window.len();
            number = next;
        }
        assert_eq!(joined, whole);
    }
}

fn assert_covers(records: &[Record], text: &str) {
    let mut end = 0;
    for record in records {
        assert_eq!(record.range.start, end);
        assert!(!record.range.is_empty());
        assert_eq!(record.line as usize, text[..end].matches('\n').count());
        end = record.range.end;
    }
    assert_eq!(end, text.len());
}

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A time in each notation that has a year, and how exact that is, in milliseconds.
fn written(time: OffsetDateTime) -> Vec<(String, i64)> {
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second, milli) = (time.hour(), time.minute(), time.second(), time.millisecond());
    let name = MONTHS[usize::from(month) - 1];
    let weekday = &time.weekday().to_string()[..3];
    let clock = format!("{hour:02}:{minute:02}:{second:02}");
    let ahead = time.to_offset(UtcOffset::from_hms(5, 30, 0).unwrap());
    let epoch = time.unix_timestamp();
    let mut all = vec![
        (format!("{year}-{month:02}-{day:02}T{clock}.{milli:03}Z"), 1),
        (format!("{year}-{month:02}-{day:02} {clock},{milli:03}"), 1),
        (format!("{year}/{month:02}/{day:02} {clock}"), 1000),
        (
            format!("{year}{month:02}{day:02}-{hour}:{minute}:{second}:{milli}"),
            1,
        ),
        (format!("{name} {day:2} {year} {clock}"), 1000),
        (format!("[{weekday} {name} {day:02} {clock} {year}]"), 1000),
        (format!("h - - [{day:02}/{name}/{year}:{clock} +0000]"), 1000),
        (
            format!(
                "{}-{:02}-{:02}T{:02}:{:02}:{second:02}.{milli:03}000+05:30",
                ahead.year(),
                u8::from(ahead.month()),
                ahead.day(),
                ahead.hour(),
                ahead.minute()
            ),
            1,
        ),
    ];
    if epoch > 1_000_000_000 {
        all.push((format!("{epoch}.{milli:03}"), 1));
        all.push((format!("{{\"a\":[1],\"time\":{epoch}{milli:03}}}"), 1));
    }
    if (1970..2070).contains(&year) {
        all.push((format!("{:02}/{month:02}/{day:02} {clock}", year % 100), 1000));
    }
    if (2000..2100).contains(&year) {
        all.push((
            format!(
                "{:02}{month:02}{day:02} {hour:02}{minute:02}{second:02}",
                year % 100
            ),
            1000,
        ));
    }
    all
}

#[test]
fn random_times_in_every_notation() {
    let mut rng = Rng::new(11);
    for _ in 0..2000 {
        let millis = rng.below(4_000_000_000_000) as i64 - 400_000_000_000;
        let time = OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(millis);
        for (stamp, exact) in written(time) {
            let text = format!("{stamp} x\n");
            let records = cut(&text).unwrap_or_else(|| panic!("{stamp}"));
            assert_eq!(
                records[0].time,
                Some(millis - millis.rem_euclid(exact)),
                "{stamp}"
            );
        }
    }
}

/// What begins a record of a log of ISO stamps, as an expression would have it.
const ISO: &str = r"^\d{4}(-\d\d-|/\d\d/)\d\d[T _t]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)";
/// What may follow, one behind the other, each if it is there.
const FRACTION: &str = r"^([.:]\d{1,9}|,\d{3,9})";
const ZONE: &str = r"^(Z|UTC|GMT|[+-](0\d|1[0-4])(:?[0-5]\d)?)";
const MORE: &str = r"^[0-9A-Za-z_]";

#[test]
fn damaged_stamps_are_told_from_whole_ones() {
    let [iso, fraction, zone, more] = [ISO, FRACTION, ZONE, MORE].map(|regex| Regex::new(regex).unwrap());
    let begins = |line: &str| {
        let Some(found) = iso.find(line) else { return false };
        let part = |start: usize| line[start..start + 2].parse::<u8>().unwrap();
        let month = Month::try_from(part(5));
        let day = month
            .is_ok_and(|month| Date::from_calendar_date(line[..4].parse().unwrap(), month, part(8)).is_ok());
        let mut rest = &line[found.end()..];
        if let Some(found) = fraction.find(rest) {
            rest = &rest[found.end()..];
        }
        let behind_zone = zone.find(rest).map(|zone| &rest[zone.end()..]);
        day && (!more.is_match(rest) || behind_zone.is_some_and(|rest| !more.is_match(rest)))
    };
    let mut rng = Rng::new(17);
    let log = "2015-02-28 23:59:59,747 INFO x\n".repeat(3);
    let cutter = RecordCutter::of(log.as_bytes(), language("log"), MODIFIED, &TimeStamps::default()).unwrap();
    let mut counts = [0, 0];
    for _ in 0..20_000 {
        let tail = rng.pick(&[
            " INFO", ",747 x", "Z x", "+02:00 x", " -0730", "x", "", ".5_", " UTC", " +2",
        ]);
        let mut line = format!(
            "2016-02-2{} 2{}:5{}:{}{tail}",
            rng.below(10),
            rng.below(5),
            rng.below(10),
            55 + rng.below(7)
        )
        .into_bytes();
        for _ in 0..rng.below(3) {
            let place = rng.below(line.len());
            line[place] = rng.pick(b"0123456789-/:T ,.Z");
        }
        let line = String::from_utf8(line).unwrap();
        let found = cutter.clone().cut(line.as_bytes())[0].begins;
        assert_eq!(found, begins(&line), "{line}");
        counts[usize::from(found)] += 1;
    }
    assert!(counts.iter().all(|&count| count > 2000), "{counts:?}");
}

#[test]
fn any_bytes_are_safe() {
    let mut rng = Rng::new(23);
    let parts = [
        "2015-07-29 17:41:44",
        "{\"time\":",
        "<13>",
        "Jun ",
        " 4 1",
        ":",
        "\n",
        "[",
        "\"",
        "\u{e9}",
        "I0614",
        "12",
        "}",
    ];
    for _ in 0..5000 {
        let text: String = (0..rng.below(30)).map(|_| rng.pick(&parts)).collect();
        if let Some(records) = cut(&text) {
            assert_covers(&records, &text);
        }
    }
}

#[test]
fn a_text_behind_others_is_a_log_by_one_record() {
    let unnamed = Language::UNKNOWN;
    let tail = "2015-07-29 17:41:44,747 - ERROR it failed\njava.lang.X: no\nCaused by: this\n";
    assert!(RecordCutter::of(tail.as_bytes(), unnamed, MODIFIED, &TimeStamps::default()).is_none());
    let mut cutter =
        RecordCutter::of_later(tail.as_bytes(), unnamed, MODIFIED, &TimeStamps::default()).unwrap();
    let records = cutter.cut(tail.as_bytes());
    assert_eq!(records.len(), 1);
    assert!(records[0].time.is_some() && records[0].level == Some(Level::Error));
    let inside = format!("java.lang.Y: in the middle\n  at x\n{tail}");
    let mut cutter =
        RecordCutter::of_later(inside.as_bytes(), unnamed, MODIFIED, &TimeStamps::default()).unwrap();
    assert_eq!(cutter.cut(inside.as_bytes()).len(), 2);
    assert!(
        RecordCutter::of_later(b"no stamp\nat all\n", unnamed, MODIFIED, &TimeStamps::default()).is_none()
    );
    assert!(
        RecordCutter::of_later(
            tail.as_bytes(),
            language("rust"),
            MODIFIED,
            &TimeStamps::default()
        )
        .is_none()
    );
}
