//! Facets of a ranked answer.

use napi_derive::napi;
use quern_engine::{Code, Error, Facet, FacetBy, FacetRequest};

/// So many values, unless more or fewer are asked for.
const VALUES: u32 = 10;

/// What to count of all that matches.
#[napi(object)]
pub struct NativeFacetRequest {
    #[napi(ts_type = "'language' | 'folder'")]
    pub by: String,
    /// Values at most; 10 unless given.
    pub limit: Option<u32>,
    /// Names of a folder; 1 unless given.
    pub depth: Option<u32>,
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
        let by = match &*self.by {
            "language" => FacetBy::Language,
            "folder" => FacetBy::Folder {
                depth: self.depth.unwrap_or(1).max(1) as usize,
            },
            other => {
                return Err(Error::new(
                    Code::InvalidOption,
                    format!("facets: '{other}' is neither 'language' nor 'folder'"),
                ));
            }
        };
        Ok(FacetRequest {
            by,
            limit: self.limit.unwrap_or(VALUES) as usize,
        })
    }
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
