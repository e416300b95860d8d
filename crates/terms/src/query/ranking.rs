//! How well a chunk answers: BM25F (Robertson, Zaragoza and Taylor, "Simple BM25 extension to multiple weighted fields",
//! CIKM 2004).
//!
//! A word counts once, wherever it is: its frequencies in the fields are added up, each divided by how long the field is
//! compared with the average and multiplied by the field's weight, and only the sum saturates.

use quern_text::Role;
use tantivy::fieldnorm::FieldNormReader;

use crate::fields::Field;
use crate::query::statistics::Statistics;

/// What a score is made of. The defaults were found by `bench/relevance`.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// How soon more of the same word stops to matter.
    pub k1: f32,
    /// Of each field, in the order of [`Field::ALL`].
    pub fields: [FieldRanking; Field::ALL.len()],
    /// What a word such as `how` or `the` counts for, compared with others as rare: a question has them, an answer need not.
    pub common: f32,
    /// What a file's other good passages add to the score of its best one, at most; compared with the best score of all.
    pub file: f32,
    /// What a file adds that is named as a word that was asked for; compared with the best score of all.
    pub name: f32,
    /// What the file adds that was modified last of those that answer, one that is [`Ranking::recent_days`] older half of it, and
    /// so on; compared with the best score of all.
    pub recent: f32,
    /// By how many days a file is older that is half as recent.
    pub recent_days: f32,
    /// What a passage counts for in files of each role, in the order of [`Role::ALL`].
    pub roles: [f32; Role::ALL.len()],
}

/// What a field counts for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FieldRanking {
    /// Compared with the other fields; 0: a match there does not count as one.
    pub weight: f32,
    /// How much a field that is longer than the average counts for less, from 0 (not at all) to 1.
    pub b: f32,
}

impl Default for Ranking {
    fn default() -> Ranking {
        let field = |weight, b| FieldRanking { weight, b };
        Ranking {
            k1: 5.0,
            fields: [
                field(0.8, 0.5),
                field(0.6, 0.6),
                field(0.8, 0.6),
                field(1.0, 0.5),
                field(1.0, 0.3),
            ],
            common: 0.3,
            file: 0.5,
            name: 0.4,
            recent: 0.02,
            recent_days: 30.0,
            roles: [1.0, 0.8, 0.7, 0.6],
        }
    }
}

impl Ranking {
    pub(super) fn field(&self, field: Field) -> FieldRanking {
        self.fields[field as usize]
    }

    pub(super) fn role(&self, role: Role) -> f32 {
        self.roles[role as usize]
    }

    /// What a file adds that is so many days older than the newest.
    pub(super) fn recency(&self, days: f32) -> f32 {
        self.recent * (-days / self.recent_days).exp2()
    }

    /// Of a word that `frequency` of `chunks` chunks have.
    pub(super) fn weight(&self, frequency: u64, chunks: u64) -> f32 {
        let (frequency, chunks) = (frequency as f64, chunks as f64);
        let idf = (1.0 + (chunks - frequency + 0.5) / (frequency + 0.5)).ln();
        idf as f32 * (self.k1 + 1.0)
    }

    /// The score of a word of this weight that comes so often, by all fields together.
    pub(super) fn score(&self, weight: f32, frequency: f32) -> f32 {
        weight * frequency / (self.k1 + frequency)
    }
}

/// What one occurrence counts for in a field, by the length that a run keeps.
pub(super) struct Shares([f32; 256]);

impl Shares {
    pub fn of(field: Field, ranking: &Ranking, statistics: &Statistics) -> Shares {
        let FieldRanking { weight, b } = ranking.field(field);
        let average = statistics.average(field).max(1.0);
        Shares(std::array::from_fn(|code| {
            let length = FieldNormReader::id_to_fieldnorm(code as u8) as f32;
            weight / (1.0 - b + b * length / average)
        }))
    }

    pub fn of_length(&self, code: u8) -> f32 {
        self.0[code as usize]
    }
}
