//! How far what an engine writes agrees with a reference.

use serde::Serialize;

use super::reference::{CaseAnswer, ReferenceCase};

/// How far a log-probability may lie from the reference's. The references are computed in single precision, as the
/// engine is for them; on a CPU it lies within a tenth of this.
pub const TOLERANCE: f32 = 3e-3;

/// How far one answer agrees with its reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Name of the case.
    pub case: String,
    /// Tokens of the reference.
    pub tokens: usize,
    /// Tokens that agree, from the first on.
    pub agreed: usize,
    /// The largest difference of a log-probability, over the tokens that agree and the likeliest of their steps; none if
    /// the engine told none.
    pub largest_difference: Option<f32>,
    /// What does not agree; none if everything does.
    pub disagreement: Option<Disagreement>,
}

/// What does not agree with a reference.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Disagreement {
    /// The engine gave no answer.
    Failed {
        /// The engine's reason.
        reason: String,
    },
    /// The prompt has another number of tokens.
    Prompt {
        /// The reference's number.
        expected: usize,
        /// The engine's.
        got: usize,
    },
    /// Another token was written.
    Token {
        /// Number of the token in the answer, counted from 1.
        number: usize,
        /// Id of the reference's token; none if the reference has ended.
        expected: Option<u32>,
        /// Id of the token that the engine wrote; none if it ended.
        got: Option<u32>,
    },
    /// The tokens agree, but the largest difference is not below [`TOLERANCE`].
    Probability,
}

impl Agreement {
    /// Compares an answer with its reference.
    #[must_use]
    pub fn of(case: &ReferenceCase, answer: &CaseAnswer) -> Self {
        let pairs = || answer.tokens.iter().zip(&case.steps);
        let agreed = pairs()
            .take_while(|(token, step)| token.id == step.id)
            .count();
        let largest_difference = pairs()
            .take(agreed)
            .flat_map(|(token, step)| {
                let tops = token.top.iter().zip(&step.top);
                let tops = tops.map(|(token, step)| (token.logprob - step.logprob).abs());
                let drawn = token.logprob.map(|own| (own - step.logprob).abs());
                tops.chain(drawn)
            })
            // Not `f32::max`, which passes over what is not a number.
            .reduce(|a, b| if a.total_cmp(&b).is_lt() { b } else { a });
        let is_whole = agreed == case.steps.len() && agreed == answer.tokens.len();
        let disagreement = if answer.prompt_tokens != case.prompt_tokens {
            Some(Disagreement::Prompt {
                expected: case.prompt_tokens,
                got: answer.prompt_tokens,
            })
        } else if !is_whole {
            Some(Disagreement::Token {
                number: agreed + 1,
                expected: case.steps.get(agreed).map(|step| step.id),
                got: answer.tokens.get(agreed).map(|token| token.id),
            })
        } else if largest_difference.is_some_and(|it| it.total_cmp(&TOLERANCE).is_ge()) {
            Some(Disagreement::Probability)
        } else {
            None
        };
        Self {
            agreed,
            largest_difference,
            disagreement,
            ..Self::none(case)
        }
    }

    /// Returns the agreement of a case to which the engine gave no answer.
    #[must_use]
    pub fn failed(case: &ReferenceCase, reason: String) -> Self {
        Self {
            disagreement: Some(Disagreement::Failed { reason }),
            ..Self::none(case)
        }
    }

    fn none(case: &ReferenceCase) -> Self {
        Self {
            case: case.name.clone(),
            tokens: case.steps.len(),
            agreed: 0,
            largest_difference: None,
            disagreement: None,
        }
    }
}

impl Disagreement {
    /// Describes what does not agree, in one line.
    #[must_use]
    pub fn describe(&self) -> String {
        let id = |id: Option<u32>| id.map_or_else(|| "the end".to_owned(), |id| id.to_string());
        match self {
            // The engine's reasons may end in a trace.
            Self::Failed { reason } => {
                format!("no answer: {}", reason.lines().next().unwrap_or_default())
            }
            Self::Prompt { expected, got } => {
                format!("the prompt has {got} tokens, not {expected}")
            }
            Self::Token {
                number,
                expected,
                got,
            } => format!("token {number} is {}, not {}", id(*got), id(*expected)),
            Self::Probability => format!("a log-probability differs by {TOLERANCE} or more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::reference::ReferenceSet, *};
    use crate::generation::{Alternative, Token};

    /// A case of the committed references, and an answer that agrees with it.
    fn agreeing() -> (ReferenceCase, CaseAnswer) {
        let case = ReferenceSet::named("tiny-qwen2-vl")
            .unwrap()
            .cases
            .remove(1);
        let tokens = case.steps.iter().map(|step| Token {
            id: step.id,
            bytes: Vec::new(),
            logprob: Some(step.logprob),
            top: step
                .top
                .iter()
                .map(|top| Alternative {
                    text: String::new(),
                    logprob: top.logprob,
                })
                .collect(),
            forced: false,
            pass: 0,
        });
        let answer = CaseAnswer {
            prompt_tokens: case.prompt_tokens,
            tokens: tokens.collect(),
        };
        (case, answer)
    }

    #[test]
    fn the_same_agrees() {
        let (case, answer) = agreeing();
        let agreement = Agreement::of(&case, &answer);
        assert_eq!(agreement.disagreement, None);
        assert_eq!((agreement.agreed, agreement.tokens), (64, 64));
        assert_eq!(agreement.largest_difference, Some(0.0));
    }

    #[test]
    fn one_other_token_disagrees() {
        let (case, mut answer) = agreeing();
        let expected = answer.tokens[41].id;
        answer.tokens[41].id += 1;
        // What stands behind it is another text.
        answer.tokens[50].logprob = Some(-99.0);
        let agreement = Agreement::of(&case, &answer);
        assert_eq!(
            (agreement.agreed, agreement.largest_difference),
            (41, Some(0.0))
        );
        let disagreement = agreement.disagreement.unwrap();
        assert_eq!(
            disagreement.describe(),
            format!("token 42 is {}, not {expected}", expected + 1)
        );
    }

    #[test]
    fn an_end_too_early_or_too_late_disagrees() {
        let (mut case, mut answer) = agreeing();
        let last = answer.tokens.pop().unwrap();
        let agreement = Agreement::of(&case, &answer);
        let text = agreement.disagreement.unwrap().describe();
        assert_eq!(text, format!("token 64 is the end, not {}", last.id));
        case.steps.truncate(62);
        let agreement = Agreement::of(&case, &answer);
        assert!(
            agreement
                .disagreement
                .unwrap()
                .describe()
                .ends_with("not the end")
        );
    }

    #[test]
    fn another_probability_or_prompt_disagrees() {
        let (case, mut answer) = agreeing();
        answer.tokens[3].top[4].logprob += 0.01;
        let agreement = Agreement::of(&case, &answer);
        assert_eq!(agreement.disagreement, Some(Disagreement::Probability));
        answer.tokens[3].top[4].logprob = f32::NAN;
        let agreement = Agreement::of(&case, &answer);
        assert_eq!(agreement.disagreement, Some(Disagreement::Probability));
        answer.prompt_tokens += 1;
        let disagreement = Agreement::of(&case, &answer).disagreement.unwrap();
        assert_eq!(disagreement.describe(), "the prompt has 64 tokens, not 63");
    }

    #[test]
    fn an_engine_without_probabilities_agrees_by_its_tokens() {
        let (case, mut answer) = agreeing();
        for token in &mut answer.tokens {
            (token.logprob, token.top) = (None, Vec::new());
        }
        let agreement = Agreement::of(&case, &answer);
        assert_eq!(
            (agreement.disagreement, agreement.largest_difference),
            (None, None)
        );
    }

    #[test]
    fn no_answer_disagrees() {
        let (case, _) = agreeing();
        let agreement = Agreement::failed(&case, "It broke.\n   0: main".to_owned());
        let text = agreement.disagreement.unwrap().describe();
        assert_eq!(text, "no answer: It broke.");
    }
}
