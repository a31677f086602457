//! The queue of waiting requests: ordered by priority, and within a priority fair between keys,
//! however many requests one of them has sent.
//!
//! Each request gets a tag when it joins: one more than the last tag of its key and priority, and
//! more than the tag that was served last. The lowest tag is served next. This is start-time fair
//! queueing (Goyal, Vin and Cheng, 1996) with requests of one size.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;

use super::{Priority, Ticket};

/// The queue.
#[derive(Debug, Default)]
pub struct WaitingLine {
    waiting: Vec<Waiting>,
    tags: Tags,
    joined: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    /// The ticket's priority when the tag was given.
    priority: Priority,
    tag: u64,
    number: u64,
    call: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Tags {
    /// The last tag given to each key, by priority.
    last: HashMap<(Priority, Arc<str>), u64>,
    /// The tag that was served last, by priority.
    stands: HashMap<Priority, u64>,
}

impl Tags {
    /// Returns the tag for a request that joins now.
    fn give(&mut self, key: &Arc<str>, priority: Priority) -> u64 {
        let stands = self.stands.get(&priority).copied().unwrap_or(0);
        let last = self.last.entry((priority, key.clone())).or_default();
        *last = (*last).max(stands) + 1;
        *last
    }
}

impl WaitingLine {
    /// Returns the number of waiting requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Adds a request, to be notified through `call`, and returns the number by which to remove it.
    pub fn join(&mut self, ticket: &Ticket, call: oneshot::Sender<()>) -> u64 {
        let priority = ticket.priority();
        self.joined += 1;
        self.waiting.push(Waiting {
            ticket: ticket.clone(),
            priority,
            tag: self.tags.give(ticket.key(), priority),
            number: self.joined,
            call,
        });
        self.joined
    }

    /// Removes a request that no longer waits.
    pub fn remove(&mut self, number: u64) {
        self.waiting.retain(|waiting| waiting.number != number);
        self.forget();
    }

    /// Removes the next request and returns its notifier.
    pub fn next(&mut self) -> Option<oneshot::Sender<()>> {
        self.raise();
        let first = self.waiting.iter().enumerate();
        let (at, _) = first.min_by_key(|(_, w)| (w.priority, w.tag, w.number))?;
        let next = self.waiting.remove(at);
        let stands = self.tags.stands.entry(next.priority).or_default();
        *stands = (*stands).max(next.tag);
        self.forget();
        Some(next.call)
    }

    /// Moves requests that have become more urgent to their new priority.
    fn raise(&mut self) {
        for waiting in &mut self.waiting {
            let priority = waiting.ticket.priority();
            if priority != waiting.priority {
                waiting.priority = priority;
                waiting.tag = self.tags.give(waiting.ticket.key(), priority);
            }
        }
    }

    /// Resets the tags when the queue is empty.
    fn forget(&mut self) {
        if self.waiting.is_empty() {
            self.tags = Tags::default();
        }
    }
}
