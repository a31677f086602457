//! Those who wait: by priority, and among equals so that every key gets its turn however many requests
//! another has sent.
//!
//! Each is given a tag when it joins, one more than the last of its key and priority, but no less than where
//! the line stands, and the lowest tag is next: start-time fair queueing (Goyal, Vin and Cheng, 1996) with requests of
//! one size.

use std::{collections::HashMap, sync::Arc};

use tokio::sync::oneshot;

use super::{Priority, Ticket};

/// The line.
#[derive(Debug, Default)]
pub struct Line {
    waiting: Vec<Waiting>,
    tags: Tags,
    joined: u64,
}

#[derive(Debug)]
struct Waiting {
    ticket: Ticket,
    /// That of the ticket when the tag was given.
    priority: Priority,
    tag: u64,
    number: u64,
    call: oneshot::Sender<()>,
}

#[derive(Debug, Default)]
struct Tags {
    /// Those that keys were given last, at each priority.
    last: HashMap<(Priority, Arc<str>), u64>,
    /// The one that was served last, at each priority.
    stands: HashMap<Priority, u64>,
}

impl Tags {
    /// One for whoever joins now.
    fn give(&mut self, key: &Arc<str>, priority: Priority) -> u64 {
        let stands = self.stands.get(&priority).copied().unwrap_or(0);
        let last = self.last.entry((priority, key.clone())).or_default();
        *last = (*last).max(stands) + 1;
        *last
    }
}

impl Line {
    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Puts somebody in, who is told by `call`; the number is by which it leaves.
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

    /// Takes somebody out who no longer wants to wait.
    pub fn remove(&mut self, number: u64) {
        self.waiting.retain(|waiting| waiting.number != number);
        self.forget();
    }

    /// Takes out whose turn it is.
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

    /// Has those who have become more urgent join anew among their new equals.
    fn raise(&mut self) {
        for waiting in &mut self.waiting {
            let priority = waiting.ticket.priority();
            if priority != waiting.priority {
                waiting.priority = priority;
                waiting.tag = self.tags.give(waiting.ticket.key(), priority);
            }
        }
    }

    /// Nobody has a turn to wait for where nobody waits.
    fn forget(&mut self) {
        if self.waiting.is_empty() {
            self.tags = Tags::default();
        }
    }
}
