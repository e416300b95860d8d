//! Records of real logs: those of the folder `logs` in the folder that the environment variable `QUERN_SHARED` names, by
//! default `shared` beside the repository. They are not in the repository; without them there is nothing to test.

mod real_logs;

use quern_text::{Language, Level, RecordCutter, TimeStamps, count_lines};

/// When the files are taken to have been modified: 2017-01-01.
const MODIFIED: i64 = 1_483_228_800_000;

/// A log, what stands in its lines if they begin a record, and the first of their times.
const LOGS: &[(&str, &str, i64)] = &[
    ("Apache", "] [", 1_133_671_664_000),
    ("HDFS", ": ", 1_226_262_975_000),
    ("Hadoop", ": ", 1_445_191_307_978),
    ("HealthApp", "|", 1_514_067_329_606),
    ("Linux", " combo ", 1_465_917_361_000),
    ("Mac", ": ", 1_467_363_655_000),
    ("OpenSSH", " LabSZ sshd[", 1_481_352_946_000),
    ("OpenStack", " nova.", 1_494_892_800_008),
    ("Spark", ": ", 1_497_039_040_000),
    ("Zookeeper", "] - ", 1_438_191_704_747),
];

/// Words that stand for levels in these logs.
const LEVELS: &[(&str, Level)] = &[
    (" INFO ", Level::Info),
    (" WARN ", Level::Warn),
    (" WARNING ", Level::Warn),
    (" ERROR ", Level::Error),
    (" FATAL ", Level::Fatal),
    (" DEBUG ", Level::Debug),
    ("[notice]", Level::Notice),
    ("[error]", Level::Error),
    ("[warn]", Level::Warn),
];

#[test]
fn every_line_of_real_logs_is_read() {
    let Some(folder) = real_logs::folder() else { return };
    for (name, inside, first) in LOGS {
        let text = std::fs::read(folder.join(format!("{name}.log"))).unwrap();
        for language in ["log", "txt"] {
            let language = Language::from_name(language).unwrap();
            let mut cutter = RecordCutter::of(&text, language, MODIFIED, &TimeStamps::default())
                .unwrap_or_else(|| panic!("{name}"));
            let records = cutter.cut(&text);
            assert_eq!(records[0].time, Some(*first), "{name}");
            let lines = count_lines(&text);
            let begun = records.iter().filter(|record| record.begins).count() as u64;
            assert!(begun == lines, "{name}: {begun} of {lines}");
            for record in records {
                let line = String::from_utf8_lossy(&text[record.range.clone()]);
                assert!(line.contains(inside), "{name}: {line}");
                let head = &line[..line.floor_char_boundary(120)];
                let level = LEVELS.iter().find(|(word, _)| head.contains(word));
                if let Some((_, level)) = level {
                    assert_eq!(record.level, Some(*level), "{name}: {line}");
                }
            }
        }
    }
}
