//! Facets of a ranked answer.

use napi_derive::napi;
use quern_engine::{Code, Error, Facet, FacetBy, FacetRequest, Interval};

/// So many values, unless more or fewer are asked for.
const VALUES: u32 = 10;
/// The same for intervals of time.
const INTERVALS: u32 = 1000;

/// What to count of all that matches.
#[napi(object)]
pub struct NativeFacetRequest {
    #[napi(ts_type = "'language' | 'folder' | 'level' | 'time' | 'field'")]
    pub by: String,
    /// Values at most; 10, or 1,000 intervals of time, unless given.
    pub limit: Option<u32>,
    /// Names of a folder; 1 unless given.
    pub depth: Option<u32>,
    #[napi(ts_type = "'minute' | 'hour' | 'day' | 'week' | 'month' | 'year'")]
    pub interval: Option<String>,
    /// Of a field.
    pub name: Option<String>,
}

/// How all that matches spreads.
#[napi(object)]
pub struct NativeFacet {
    pub values: Vec<NativeFacetValue>,
    /// Other values.
    pub more: f64,
    /// Passages that have one of those.
    pub others: f64,
}

#[napi(object)]
pub struct NativeFacetValue {
    pub value: String,
    pub count: f64,
}

impl NativeFacetRequest {
    pub fn request(self) -> Result<FacetRequest, Error> {
        let (by, limit) = match &*self.by {
            "language" => (FacetBy::Language, VALUES),
            "folder" => {
                let depth = self.depth.unwrap_or(1).max(1) as usize;
                (FacetBy::Folder { depth }, VALUES)
            }
            "level" => (FacetBy::Level, VALUES),
            "field" => {
                let name = self.name.unwrap_or_default();
                (FacetBy::Field { name }, VALUES)
            }
            "time" => {
                let interval = interval(self.interval.as_deref().unwrap_or("hour"))?;
                (FacetBy::Time { interval }, INTERVALS)
            }
            other => return Err(unknown(other)),
        };
        Ok(FacetRequest {
            by,
            limit: self.limit.unwrap_or(limit) as usize,
        })
    }
}

fn interval(name: &str) -> Result<Interval, Error> {
    Ok(match name {
        "minute" => Interval::Minute,
        "hour" => Interval::Hour,
        "day" => Interval::Day,
        "week" => Interval::Week,
        "month" => Interval::Month,
        "year" => Interval::Year,
        other => return Err(unknown(other)),
    })
}

fn unknown(name: &str) -> Error {
    Error::new(Code::InvalidOption, format!("facets: '{name}' is not known"))
}

impl From<Facet> for NativeFacet {
    fn from(facet: Facet) -> NativeFacet {
        let values = facet.values.into_iter().map(|value| NativeFacetValue {
            value: value.value,
            count: value.count as f64,
        });
        NativeFacet {
            values: values.collect(),
            more: facet.more as f64,
            others: facet.others as f64,
        }
    }
}
