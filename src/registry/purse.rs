//! Who pays for generations.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use crate::generation::Cost;

/// Pays for generations.
pub trait Purse: Send + Sync + fmt::Debug {
    /// Pays for a generation that is over; its cost is none if it is not known.
    fn spend(&self, cost: Option<Cost>);
}

/// Adds up what is spent, and passes it on.
#[derive(Debug)]
pub struct CostTally {
    sum: Mutex<Option<Cost>>,
    behind: Option<Arc<dyn Purse>>,
}

impl CostTally {
    pub(super) fn before(behind: Option<Arc<dyn Purse>>) -> Self {
        Self {
            sum: Mutex::new(Some(Cost::ZERO)),
            behind,
        }
    }

    /// Returns what has been spent so far; none if the cost of any generation is not known.
    #[must_use]
    pub fn sum(&self) -> Option<Cost> {
        *self.sum.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Purse for CostTally {
    fn spend(&self, cost: Option<Cost>) {
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        *sum = Cost::both(*sum, cost);
        drop(sum);
        if let Some(behind) = &self.behind {
            behind.spend(cost);
        }
    }
}
