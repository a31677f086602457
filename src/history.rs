//! Remembers the answers of the last while by their ids, each for the key that asked for it. What was asked and answered
//! is not kept, only what it took.

use std::{fmt, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use moka::{policy::EvictionPolicy, sync::Cache};

use crate::generation::Usage;

/// Bounds of what is remembered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistorySettings {
    /// Most answers; 0 remembers none.
    pub entries: u64,
    /// Time for which an answer is remembered.
    pub time_to_live: Duration,
}

/// An answer that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct PastAnswer {
    /// Id of the answer, as the client got it.
    pub id: String,
    /// Name of the key that asked; none if no key is needed.
    pub key: Option<String>,
    /// The requested model or preset.
    pub model: String,
    /// The provider that ran the model.
    pub provider: String,
    /// Time of the request.
    pub created: DateTime<Utc>,
    /// Whether it was streamed.
    pub streamed: bool,
    /// Whether the client left before the end.
    pub cancelled: bool,
    /// The reason that it ended; none if it did not end.
    pub finish: Option<&'static str>,
    /// Pictures and other files of the request.
    pub files: usize,
    /// Its tokens and cost; none if no choice ended.
    pub usage: Option<Usage>,
    /// Time from the request to the beginning of the answer; none if nothing was sent.
    pub latency: Option<Duration>,
    /// Time from the request to the end of the answer.
    pub took: Duration,
}

/// The answers of the last while.
pub struct History {
    settings: HistorySettings,
    answers: Cache<String, Arc<PastAnswer>>,
}

impl History {
    /// Creates an empty history.
    #[must_use]
    pub fn new(settings: HistorySettings) -> Self {
        // The default policy would rather refuse a new answer than forget one that was asked for.
        let answers = Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .max_capacity(settings.entries)
            .time_to_live(settings.time_to_live)
            .build();
        Self { settings, answers }
    }

    /// Returns its bounds.
    #[must_use]
    pub fn settings(&self) -> HistorySettings {
        self.settings
    }

    /// Remembers an answer. Where there are too many, the one is forgotten that was not used for longest.
    pub fn remember(&self, answer: PastAnswer) {
        self.answers.insert(answer.id.clone(), Arc::new(answer));
    }

    /// Returns the answer called `id`, if the key called `key` asked for it.
    #[must_use]
    pub fn find(&self, id: &str, key: Option<&str>) -> Option<Arc<PastAnswer>> {
        let answer = self.answers.get(id)?;
        (answer.key.as_deref() == key).then_some(answer)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    fn history(entries: u64, time_to_live: Duration) -> History {
        History::new(HistorySettings {
            entries,
            time_to_live,
        })
    }

    fn answer(id: &str, key: Option<&str>) -> PastAnswer {
        PastAnswer {
            id: id.to_owned(),
            key: key.map(ToOwned::to_owned),
            model: "m".to_owned(),
            provider: "p".to_owned(),
            created: DateTime::UNIX_EPOCH,
            streamed: false,
            cancelled: false,
            finish: Some("stop"),
            files: 0,
            usage: None,
            latency: None,
            took: Duration::ZERO,
        }
    }

    #[test]
    fn an_answer_is_for_its_key_alone() {
        let history = history(10, HOUR);
        history.remember(answer("1", Some("a")));
        history.remember(answer("2", None));
        assert_eq!(history.find("1", Some("a")).unwrap().id, "1");
        assert_eq!(history.find("1", Some("b")), None);
        assert_eq!(history.find("1", None), None);
        assert_eq!(history.find("2", Some("a")), None);
        assert!(history.find("2", None).is_some());
        assert_eq!(history.find("3", None), None);
    }

    #[test]
    fn answers_are_forgotten_in_time() {
        let history = history(10, Duration::ZERO);
        history.remember(answer("1", None));
        assert_eq!(history.find("1", None), None);
    }

    #[test]
    fn the_last_answers_are_kept_that_there_is_room_for() {
        for entries in [0, 5] {
            let history = history(entries, HOUR);
            for id in 0..100_u64 {
                history.remember(answer(&id.to_string(), None));
            }
            history.answers.run_pending_tasks();
            let is_kept = |id: &u64| history.find(&id.to_string(), None).is_some();
            let kept: Vec<u64> = (0..100).filter(is_kept).collect();
            assert_eq!(kept, (100 - entries..100).collect::<Vec<_>>(), "the last");
        }
    }
}
