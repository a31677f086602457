//! Orders the candidates for an answer, and decides which errors lead to the next candidate. Chats and receipts
//! both use it.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
};

use crate::registry::Model;

/// A model that may be asked, with the name that the client used.
pub trait Candidate {
    /// Returns the name that the client used.
    fn name(&self) -> &str;

    /// Returns the model.
    fn model(&self) -> &Arc<Model>;
}

/// An error of an attempt to get an answer.
pub trait AttemptError {
    /// Returns whether another model may answer the same request: true for a fault of the model,
    /// false for a mistake of the client, which every model would refuse.
    fn leads_on(&self) -> bool;
}

/// An answer with the candidate that gave it.
pub struct Routed<C, T> {
    /// The candidate that answers.
    pub candidate: C,
    /// The answer.
    pub answer: T,
    /// Number of candidates that were asked; 0 while it is not known yet.
    pub attempts: usize,
}

/// The providers that a client wants, by name; the gateway's own is `receipt-gateway`.
#[derive(Debug, Clone, Default)]
pub struct ProviderWishes {
    /// Providers to ask first, in this order.
    pub order: Option<Vec<String>>,
    /// The only providers to ask.
    pub only: Option<Vec<String>>,
    /// Providers not to ask.
    pub ignore: Option<Vec<String>>,
    /// Asks the first candidate only.
    pub no_fallbacks: bool,
}

impl ProviderWishes {
    /// Orders `candidates` as the client wishes, and removes duplicates of name and model. The result is empty if the
    /// wishes exclude all of them.
    #[must_use]
    pub fn apply<C: Candidate>(&self, mut candidates: Vec<C>) -> Vec<C> {
        let place = |names: &[String], candidate: &C| {
            let provider = candidate.model().settings().provider_name();
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(provider))
        };
        let mut seen = HashSet::new();
        candidates.retain(|candidate| {
            let model = &candidate.model().settings().id;
            seen.insert((candidate.name().to_owned(), model.clone()))
        });
        if let Some(only) = &self.only {
            candidates.retain(|candidate| place(only, candidate).is_some());
        }
        if let Some(ignore) = &self.ignore {
            candidates.retain(|candidate| place(ignore, candidate).is_none());
        }
        if let Some(order) = &self.order {
            candidates.sort_by_key(|candidate| place(order, candidate).unwrap_or(usize::MAX));
        }
        if self.no_fallbacks {
            candidates.truncate(1);
        }
        candidates
    }
}

/// The candidates that are left to ask, and the error to report if none answers.
pub struct Turns<C, E> {
    left: VecDeque<C>,
    asked: usize,
    first_error: Option<E>,
}

impl<C, E: AttemptError> Turns<C, E> {
    /// Starts with the first of `candidates`.
    pub fn new(candidates: impl IntoIterator<Item = C>) -> Self {
        Self {
            left: candidates.into_iter().collect(),
            asked: 0,
            first_error: None,
        }
    }

    /// Takes the next candidate.
    pub fn next_candidate(&mut self) -> Option<C> {
        let next = self.left.pop_front()?;
        self.asked += 1;
        Some(next)
    }

    /// Returns how many candidates have been asked.
    #[must_use]
    pub fn asked(&self) -> usize {
        self.asked
    }

    /// Returns whether no candidate is left after the one that was taken last.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.left.is_empty()
    }

    /// Decides what follows the `error` of the candidate that was taken last.
    ///
    /// # Errors
    /// The error to report if no other candidate is asked: the client's mistake, else the error of the first candidate.
    pub fn failed(&mut self, error: E) -> Result<(), E> {
        let leads_on = error.leads_on();
        if leads_on && !self.is_last() {
            self.first_error.get_or_insert(error);
            return Ok(());
        }
        let first = self.first_error.take().filter(|_| leads_on);
        Err(first.unwrap_or(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{engine::EngineError, registry::ModelError};

    #[derive(Debug, PartialEq)]
    struct Failed(u8, bool);

    impl AttemptError for Failed {
        fn leads_on(&self) -> bool {
            self.1
        }
    }

    #[test]
    fn the_first_error_is_reported_unless_the_client_is_at_fault() {
        let mut turns = Turns::new(["a", "b", "c"]);
        assert_eq!(turns.next_candidate(), Some("a"));
        assert_eq!(turns.failed(Failed(1, true)), Ok(()));
        assert_eq!(turns.next_candidate(), Some("b"));
        assert!(!turns.is_last());
        assert_eq!(turns.failed(Failed(2, true)), Ok(()));
        assert_eq!(turns.next_candidate(), Some("c"));
        assert!(turns.is_last());
        assert_eq!(turns.failed(Failed(3, true)), Err(Failed(1, true)));
        assert_eq!(turns.asked(), 3);
    }

    #[test]
    fn a_fault_of_the_model_leads_on_and_a_mistake_of_the_client_does_not() {
        for (error, leads_on) in [
            (
                EngineError::ContextOverflow {
                    prompt: 9000,
                    pictures: 0,
                    context: 8192,
                },
                true,
            ),
            (EngineError::Failed("no memory".to_owned()), true),
            (EngineError::Stopped, true),
            (EngineError::Invalid("no such token".to_owned()), false),
        ] {
            let error = ModelError::from(error);
            assert_eq!(error.leads_on(), leads_on, "{error}");
        }
        assert!(ModelError::DeadlineExceeded.leads_on());
    }

    #[test]
    fn a_mistake_of_the_client_ends_the_turns() {
        let mut turns = Turns::new(["a", "b", "c"]);
        turns.next_candidate();
        assert_eq!(turns.failed(Failed(1, true)), Ok(()));
        turns.next_candidate();
        assert_eq!(turns.failed(Failed(2, false)), Err(Failed(2, false)));
    }
}
