//! Runs one net on the reader's threads.

use std::{borrow::Cow, fmt::Display, sync::Arc};

use rten::{Model, NodeId, RunOptions, ThreadPool};
use rten_tensor::{AsView, Layout, Tensor};

use super::OcrError;

/// A net with one input and one output that counts.
pub struct Net {
    name: &'static str,
    model: Model,
    input: NodeId,
    output: NodeId,
    threads: Arc<ThreadPool>,
}

/// What a net gives: its values, the last dimension first.
pub struct NetOutput {
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

impl Net {
    /// Loads a net in ONNX.
    pub fn load(
        name: &'static str,
        file: Cow<'static, [u8]>,
        threads: Arc<ThreadPool>,
    ) -> Result<Self, OcrError> {
        let refused = |reason: String| OcrError::Net { net: name, reason };
        let model = match file {
            Cow::Borrowed(bytes) => Model::load_static_slice(bytes),
            Cow::Owned(bytes) => Model::load(bytes),
        };
        let model = model.map_err(|error| refused(error.to_string()))?;
        let (Some(input), Some(output)) = (model.input_ids().first(), model.output_ids().first())
        else {
            return Err(refused("it has no input or no output".to_owned()));
        };
        Ok(Self {
            name,
            input: *input,
            output: *output,
            model,
            threads,
        })
    }

    /// Returns a text that the file states beside the net.
    pub fn stated(&self, key: &str) -> Option<&str> {
        self.model.metadata().get(key)
    }

    /// Returns the error of this net for a file that does not suit the reader.
    pub fn unsuited(&self, reason: impl Into<String>) -> OcrError {
        OcrError::Net {
            net: self.name,
            reason: reason.into(),
        }
    }

    /// Returns the output for an input.
    pub fn run(&self, shape: [usize; 4], values: Vec<f32>) -> Result<NetOutput, OcrError> {
        let failed = |error: &dyn Display| OcrError::Run {
            net: self.name,
            reason: error.to_string(),
        };
        let input = Tensor::try_from_data(&shape[..], values).map_err(|error| failed(&error))?;
        let options = RunOptions::default().with_thread_pool(Some(self.threads.clone()));
        let outputs = self
            .model
            .run(
                vec![(self.input, input.into())],
                &[self.output],
                Some(options),
            )
            .map_err(|error| failed(&error))?;
        let output = outputs.into_iter().next();
        let output = output.ok_or_else(|| failed(&"it gave nothing"))?;
        let output = Tensor::<f32>::try_from(output).map_err(|error| failed(&error))?;
        Ok(NetOutput {
            shape: output.shape().to_vec(),
            values: output.to_vec(),
        })
    }
}
