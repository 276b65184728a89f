//! The messenger: errands that are due are told to whom they are for, and what became of them is written. What it was telling when the
//! server died is told again.

use std::sync::Arc;

use doorward_core::flow::errands;
use doorward_core::house::House;
use doorward_core::port::store::Errand;
use doorward_core::refusal::Fault;
use doorward_web::{Dialect, Source};

use crate::carrier::Load;

/// What the messenger needs.
pub(crate) struct Errands {
    pub(crate) house: Arc<House>,
    pub(crate) dialects: Vec<Arc<dyn Dialect>>,
    pub(crate) source: Arc<dyn Source>,
}

impl Load for Errands {
    type Item = Errand;

    async fn take(&self, limit: u32) -> Result<Vec<Errand>, Fault> {
        errands::take(&self.house, self.source.now(), limit).await
    }

    async fn carry(&self, errand: &Errand) {
        let name = errand.kind.split('.').next().unwrap_or_default();
        let dialect = self.dialects.iter().find(|dialect| dialect.name() == name);
        let view = self.house.directory().by_id(errand.site).cloned();
        let (mut question, mut keep) = (None, 0);
        if let (Some(dialect), Some(view)) = (dialect, &view) {
            question = dialect.errand(&self.house, view, errand, self.source.now());
            keep = dialect.keeps_errands(view);
        }
        let answer = match (question, &self.house.terms().fetcher) {
            (Some(question), Some(fetcher)) => Some(fetcher.fetch(question).await),
            (None, _) | (_, None) => None,
        };
        let now = self.source.now();
        let after = errands::after(errand, answer, now);
        let (standing, heard) = (after.standing.word(), after.heard.clone());
        match errands::settle(&self.house, errand, after, keep, now).await {
            Ok(is_settled) => {
                tracing::debug!(errand = errand.id, site = errand.site.0, standing, heard, is_settled, "an errand was told");
            }
            Err(fault) => tracing::error!(%fault, "what became of an errand was not written"),
        }
    }

    async fn give_back(&self, errand: &Errand) {
        if let Err(fault) = errands::give_back(&self.house, errand, self.source.now()).await {
            tracing::error!(%fault, errand = errand.id, "an errand was not given back: it is free when its time is over");
        }
    }

    fn is_down(&self, fault: &Fault) {
        tracing::error!(%fault, "errands cannot be read");
    }

    fn is_back(&self) {
        tracing::info!("errands can be read again");
    }
}
