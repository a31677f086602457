//! The report of `verify`, as a block of Markdown and as JSON.

use serde_json::{Value, json};

use super::{comparison::Comparison, measured::MeasuredModel};
use crate::cli::{
    End, eval,
    figures::{Spread, shown, value_row},
    host::{MeasuredHost, megabytes},
    markdown::markdown_table,
    progress::printable,
};

/// Lines about disagreements, at most; the first ones tell the most.
const MOST_LINES: usize = 20;

/// What was compared and measured.
pub(super) struct VerifyReport {
    pub host: MeasuredHost,
    pub comparisons: Vec<Comparison>,
    /// None if no model was measured.
    pub model: Option<MeasuredModel>,
}

impl VerifyReport {
    /// Returns whether everything agrees and was read.
    pub(super) fn end(&self) -> End {
        let failed = self.model.as_ref().map_or(0, |model| model.tally.failed());
        if failed > 0 || self.comparisons.iter().any(Comparison::disagrees) {
            End::Faults
        } else {
            End::Clean
        }
    }

    /// Returns what the references say, in one sentence.
    fn verdict(&self) -> String {
        let count =
            |is: fn(&Comparison) -> bool| self.comparisons.iter().filter(|made| is(made)).count();
        let (wrong, left) = (
            count(Comparison::disagrees),
            count(|made| made.not_run.is_some()),
        );
        let run = self.comparisons.len() - left;
        let verdict = match (run, wrong) {
            (0, _) => "no reference was run".to_owned(),
            (run, 0) => format!("{run} of {run} references agree"),
            (run, wrong) => format!("**{wrong} of {run} references disagree**"),
        };
        match left {
            0 => verdict,
            left => format!("{verdict}; {left} not run"),
        }
    }

    /// Returns a block of Markdown to paste into an issue.
    pub(super) fn block(&self) -> String {
        let mut parts = vec![self.about(), self.references()];
        parts.extend(self.disagreements());
        if let Some(model) = &self.model {
            parts.push(measures(model));
            if let Some(chat) = &model.chat {
                let [question, answer] = chat.lines().map(printable);
                // As indented code, in which nothing that a model writes is Markdown.
                parts.push(format!("    {question}\n    {answer}\n"));
            }
            parts.push(eval::table(&model.tally));
        }
        parts.join("\n")
    }

    fn about(&self) -> String {
        let mut rows = vec![vec!["verify".to_owned(), self.verdict()]];
        rows.extend(self.host.rows());
        if let Some(model) = &self.model {
            rows.push(value_row("model", Some(model.id.clone())));
            rows.push(value_row("dtype", Some(model.format())));
            rows.push(value_row("device", model.device.clone()));
        }
        markdown_table(&rows)
    }

    fn references(&self) -> String {
        let head = [
            "reference, in f32",
            "device",
            "answers",
            "agree",
            "tokens",
            "agree",
            "largest difference",
        ];
        let mut rows = vec![head.map(str::to_owned).to_vec()];
        rows.extend(self.comparisons.iter().map(|made| {
            let (mut answers, mut right, mut tokens, mut agreed) = (0, 0, 0, 0);
            for (_, answer) in made.answers() {
                answers += 1;
                right += usize::from(answer.disagreement.is_none());
                tokens += answer.tokens;
                agreed += answer.agreed;
            }
            let device = match &made.device {
                Some(device) => device.clone(),
                None if made.not_run.is_some() => "not run".to_owned(),
                None => "not loaded".to_owned(),
            };
            let difference = made.largest_difference().map(|most| format!("{most:.6}"));
            vec![
                made.reference.clone(),
                device,
                answers.to_string(),
                right.to_string(),
                tokens.to_string(),
                agreed.to_string(),
                difference.unwrap_or_default(),
            ]
        }));
        markdown_table(&rows)
    }

    /// Returns a list of what disagrees and of what was not run.
    fn disagreements(&self) -> Option<String> {
        let mut lines = Vec::new();
        for made in &self.comparisons {
            let name = &made.reference;
            if let Some(reason) = &made.not_run {
                lines.push(format!("- {name} was not run: {}", printable(reason)));
            }
            if let Some(reason) = &made.not_loaded {
                lines.push(format!("- {name} cannot be loaded: {}", printable(reason)));
            }
            for (how, answer) in made.answers() {
                if let Some(wrong) = &answer.disagreement {
                    let wrong = printable(&wrong.describe());
                    lines.push(format!("- {name}, {}, {how}: {wrong}", answer.case));
                }
            }
        }
        let more = lines.len().saturating_sub(MOST_LINES);
        lines.truncate(MOST_LINES);
        if more > 0 {
            lines.push(format!("- and {more} more"));
        }
        (!lines.is_empty()).then(|| lines.join("\n") + "\n")
    }

    /// Returns all of it as one object.
    pub(super) fn object(&self) -> Value {
        let disagrees = self.comparisons.iter().any(Comparison::disagrees);
        json!({
            "verdict": if disagrees { "disagrees" } else { "agrees" },
            "host": self.host,
            "references": self.comparisons,
            "model": self.model.as_ref().map(MeasuredModel::object),
        })
    }
}

fn measures(model: &MeasuredModel) -> String {
    let median = |spread: Option<Spread>| spread.map(|spread| shown(spread.median));
    let seconds = |time: std::time::Duration| Some(shown(time.as_secs_f64()));
    let chat = model.chat.as_ref();
    let rows = [
        value_row("measure", Some("value".to_owned())),
        value_row("load, s", seconds(model.load)),
        value_row(
            "chat: prompt, tokens",
            chat.map(|chat| chat.prompt_tokens.to_string()),
        ),
        value_row(
            "chat: first token, s",
            chat.and_then(|chat| seconds(chat.first_token)),
        ),
        value_row(
            "chat: tokens a second",
            chat.and_then(|chat| chat.tokens_per_second).map(shown),
        ),
        value_row("receipt: median, s", median(model.figures.seconds())),
        value_row(
            "receipt: first token, s",
            median(model.figures.first_token()),
        ),
        value_row(
            "receipt: tokens a second",
            median(model.figures.tokens_per_second()),
        ),
        value_row(
            "memory at the end, MB",
            model.memory.resident.map(megabytes),
        ),
        value_row("memory at most, MB", model.memory.peak.map(megabytes)),
    ];
    let known = rows.into_iter().filter(|row| !row[1].is_empty());
    markdown_table(&known.collect::<Vec<_>>())
}
