//! Answers a chat with a preset that has a schema: reads the receipt as `/extract` does, but with the client's
//! messages as the prompt, and returns it as the text of one choice.

use std::sync::Arc;

use futures::{FutureExt, future};

use super::{
    ChatService,
    error::{ChatError, FieldPath, Problem},
    growth::{ChoiceEnd, Finish, Growth},
    pieces::{self, Pieces},
    request::ChatRequest,
    script::ShownFile,
};
use crate::{
    generation::Script,
    presets::Preset,
    receipt::{
        CacheOutcome, ExtractError, ExtractRequest, Progress, Reading, ReadingStage, ReceiptSchema,
    },
};

impl ChatService {
    /// Reads the receipt in `files` for a conversation with `preset`.
    ///
    /// The answer begins when the model starts on the receipt, so that an overloaded model is an error. The text comes
    /// in one piece, since it is checked before it is sent.
    ///
    /// # Errors
    /// The field that is not valid, or the error of a reading that has not begun.
    pub(super) async fn receipt(
        &self,
        request: &ChatRequest,
        preset: &Preset,
        schema: ReceiptSchema,
        script: Script,
        files: &[ShownFile],
    ) -> Result<Pieces, ChatError> {
        refuse_other_answers(request)?;
        let temperature = preset.temperature.unwrap_or(self.settings.temperature);
        let sampling = request.options.sampling(temperature)?;
        if files.is_empty() {
            let message = format!(
                "The model {} reads receipts, and the request has no picture; add one of a receipt.",
                preset.id
            );
            return Err(ChatError::invalid(FieldPath::Prompt, message));
        }
        let fields: Vec<_> = files.iter().map(|file| file.field.clone()).collect();
        let (progress, mut stages) = Progress::watched();
        let asked = ExtractRequest {
            grounding: preset.grounding,
            pages: files.iter().map(|file| file.source.clone()).collect(),
            model: preset.model.clone(),
            others: Vec::new(),
            schema,
            script: Some(script),
            sampling: Some(sampling),
            ticket: request.client.ticket.clone(),
            payer: Some(request.client.payer.clone()),
            cache: request.cache,
            progress,
        };
        let extractor = self.extractor.clone();
        let mut reading = async move { extractor.extract(asked).await }.boxed();
        let taken_up = stages.wait_for(|stage| *stage != ReadingStage::Queued);
        let whole = tokio::select! {
            biased;
            (reading, found) = &mut reading => {
                future::ready(whole(reading, found, &fields)?).map(Ok).boxed()
            }
            Ok(_) = taken_up => reading
                .map(move |(reading, found)| whole(reading, found, &fields))
                .boxed(),
        };
        Ok(pieces::of_whole(whole))
    }
}

/// Returns the receipt as the whole growth of a choice, or the error with the one of `fields` that it is about.
fn whole(
    reading: Result<Reading, Arc<ExtractError>>,
    found: CacheOutcome,
    fields: &[FieldPath],
) -> Result<Growth, ChatError> {
    let reading = reading.map_err(|error| {
        let field = match (&*error, fields) {
            (ExtractError::Image(_), [only]) => Some(only),
            (ExtractError::Image(error), _) => error
                .file()
                .and_then(|number| fields.get(number.checked_sub(1)?)),
            _ => None,
        };
        match field.cloned() {
            Some(field) => ChatError::ReceiptFile { field, error },
            None => ChatError::Receipt(error),
        }
    })?;
    let mut end = ChoiceEnd::new(Finish::Stop, reading.report.usage_for(found));
    let text = reading.receipt.as_json().to_string();
    end.receipt = Some((reading, found));
    Ok(Growth {
        text,
        end: Some(Box::new(end)),
        ..Growth::default()
    })
}

/// Refuses options that would change the object or ask for more than one.
fn refuse_other_answers(request: &ChatRequest) -> Result<(), ChatError> {
    let options = &request.options;
    let asked = [
        (FieldPath::Choices, options.choices.is_some_and(|n| n != 1)),
        (
            FieldPath::Stop,
            options.stop.iter().any(|stop| !stop.is_empty()),
        ),
        (FieldPath::Logprobs, options.logprobs.is_some()),
        (FieldPath::Tools, request.tools.may_call()),
    ];
    match asked.into_iter().find(|(_, asked)| *asked) {
        Some((field, _)) => Err(ChatError::Invalid {
            field,
            problem: Problem::LeaveOut("This model answers with one whole object"),
        }),
        None => Ok(()),
    }
}
