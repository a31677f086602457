//! Chooses between answers that are nearly as likely as the one that the model wrote.
//!
//! A model writes token by token, and the likeliest first digit need not begin the likeliest amount: the sum before cash
//! rounding stands beside the sum after it, the cash that was given below the total. `proposals` makes answers in which
//! one or two values are others that are printed too and nearly fit as well. The model scores each of them whole
//! ([`registry::score`](crate::registry::score)), and `choose` takes the best, by the model's probabilities, the words
//! beside the values, and the sums. Where no other value is near there is nothing to score.

mod proposals;
mod rivals;
mod settle;
mod signs;

pub use settle::{Choosing, SettledAnswer};

use super::weighed::WeighedAnswer;
use crate::registry::Completed;
use proposals::Proposal;
use signs::{SignWeights, Signs};

/// Most texts of a reading that are scored, the model's own answer among them.
pub const MOST_TEXTS: usize = 8;

/// Likeliest tokens that are asked for at each step, to see what the model would nearly have written.
pub const TOP_TOKENS: usize = 8;

/// The outcome of a choice.
#[derive(Debug)]
struct AnswerChoice {
    /// The answers that were weighed.
    weighed: Vec<WeighedAnswer>,
    /// The answer that takes the place of the model's own, with its scored tokens; `None` if that stays.
    better: Option<(Proposal, Completed)>,
}

/// Takes the best of `proposals`, the first of which is the model's own answer; `scored` holds their texts as the model
/// scored them. `None` if there is not one score for each.
fn choose(mut proposals: Vec<Proposal>, mut scored: Vec<Completed>) -> Option<AnswerChoice> {
    if proposals.len() != scored.len() {
        return None;
    }
    let own = logprob(scored.first()?);
    let weights = SignWeights::MEASURED;
    let weighed = proposals.iter().zip(&scored).map(|(proposal, scored)| {
        let logprob = logprob(scored) - own;
        let Signs {
            label,
            checks,
            payment,
        } = proposal.signs;
        let values = proposal.changes.iter();
        WeighedAnswer {
            values: values
                .map(|change| (change.pointer.clone(), change.value.clone()))
                .collect(),
            logprob,
            label,
            checks,
            payment,
            worth: weights.worth(logprob, &proposal.signs),
            is_chosen: false,
        }
    });
    let mut weighed: Vec<_> = weighed.collect();
    for change in proposals.iter().flat_map(|proposal| &proposal.changes) {
        let written = (change.pointer.clone(), change.written.clone());
        if !weighed[0].values.contains(&written) {
            weighed[0].values.push(written);
        }
    }
    // The first of equals, so that the model's own answer stays where nothing is better.
    let best = (1..weighed.len()).fold(0, |best, at| {
        let is_better = weighed[at].worth > weighed[best].worth;
        if is_better { at } else { best }
    });
    weighed[best].is_chosen = true;
    let better = (best > 0).then(|| (proposals.swap_remove(best), scored.swap_remove(best)));
    Some(AnswerChoice { weighed, better })
}

/// Returns the natural log of the probability that the model gives to a whole text.
fn logprob(scored: &Completed) -> f64 {
    let tokens = scored.tokens.iter();
    tokens
        .filter_map(|token| token.logprob)
        .map(f64::from)
        .sum()
}

#[cfg(test)]
mod tests;
