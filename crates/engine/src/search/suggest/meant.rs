//! What a query without hits may have meant.

use quern_terms::language::Clause;
use quern_terms::{Corpus, corrections};

use crate::error::Error;
use crate::search::Search;

impl<'a> Search<'a> {
    /// The same query with other words, in canonical form, if that has hits.
    ///
    /// # Errors
    /// A damaged store; a stop.
    pub(in crate::search) fn meant(
        &self,
        clause: &Clause,
        corpus: &Corpus<'a>,
    ) -> Result<Option<String>, Error> {
        let stopped = || self.cancel.check().is_err();
        let threads = self.engine.pools.query.threads();
        let corrected = threads.install(|| corrections(clause, corpus, &stopped));
        self.cancel.check()?;
        for clause in corrected? {
            let question = self.scoped(&clause, corpus)?;
            if self.found(&question, 0)?.total > 0 {
                return Ok(Some(clause.to_string()));
            }
        }
        Ok(None)
    }
}
