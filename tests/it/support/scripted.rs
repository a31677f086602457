//! An engine that answers by script.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use receipt_gateway::{
    engine::{Engine, EngineError, Generating, ModelInfo},
    generation::{Alternative, Event, FinishReason, Generation, Grammar, Prompt, Token, Usage},
    image::PatchGrid,
};
use tokio::sync::{Semaphore, mpsc, watch};

/// What a scripted engine does with the next generation.
#[derive(Clone)]
pub enum Script {
    /// Writes these tokens and stops.
    Tokens(Vec<Vec<u8>>),
    /// Writes this text, a character a token, each of that log-probability, and stops.
    Unsure(String, f32),
    /// Writes this text, a byte a token; at this byte those would have been likely, with the logs of their probabilities.
    Near(String, usize, Vec<(&'static str, f32)>),
    /// Writes this text, a character a token, and is cut off.
    CutShort(&'static str),
    /// Writes a token, then fails.
    Fails,
    /// Refuses.
    Refuses,
}

impl Script {
    /// Writes `text`, a character a token.
    pub fn text(text: &str) -> Self {
        Self::Tokens(text.chars().map(|c| c.to_string().into_bytes()).collect())
    }
}

/// An engine that answers by script: the next of `scripts`, or the last again.
pub struct Scripted {
    info: ModelInfo,
    scripts: Mutex<VecDeque<Script>>,
    /// Parts of texts, and the logs of the probabilities of texts with them.
    scores: Mutex<Vec<(&'static str, f32)>>,
    /// What it was asked, in order.
    pub asked: Mutex<Vec<Generation>>,
    /// Generations that run now.
    running: watch::Sender<usize>,
    /// A permit for each token; closed for an engine that does not wait.
    pub gate: Arc<Semaphore>,
}

impl Scripted {
    pub fn new(scripts: impl IntoIterator<Item = Script>) -> Arc<Self> {
        let gate = Semaphore::new(0);
        gate.close();
        Self::with_gate(scripts, gate)
    }

    /// An engine whose every token waits for a permit.
    pub fn gated(scripts: impl IntoIterator<Item = Script>) -> Arc<Self> {
        Self::with_gate(scripts, Semaphore::new(0))
    }

    /// An engine that reads no pictures.
    pub fn blind(scripts: impl IntoIterator<Item = Script>) -> Arc<Self> {
        let mut engine = Arc::into_inner(Self::new(scripts)).unwrap();
        engine.info.vision = None;
        Arc::new(engine)
    }

    fn with_gate(scripts: impl IntoIterator<Item = Script>, gate: Semaphore) -> Arc<Self> {
        Arc::new(Self {
            info: ModelInfo {
                context_length: 100_000,
                vision: Some(PatchGrid {
                    cell: 28,
                    min_pixels: 56 * 56,
                    max_pixels: 1 << 23,
                }),
                device: "cpu".into(),
                quantisation: None,
            },
            scripts: Mutex::new(scripts.into_iter().collect()),
            scores: Mutex::default(),
            asked: Mutex::default(),
            running: watch::Sender::new(0),
            gate: Arc::new(gate),
        })
    }

    /// Answers by that script from now on.
    pub fn say(&self, script: Script) {
        *self.scripts.lock().unwrap() = VecDeque::from([script]);
    }

    /// Gives a text that it is held to the probability of the first of these parts that it has. Without any it takes no
    /// notice of what it is held to.
    pub fn scores(&self, scores: &[(&'static str, f32)]) {
        *self.scores.lock().unwrap() = scores.to_vec();
    }

    /// The script for a generation that can write one text only, if such texts are scored.
    fn given(&self, generation: &Generation) -> Option<Script> {
        let Grammar::Once(rules) = &generation.grammar else {
            return None;
        };
        let text: String = serde_json::from_str(rules.strip_prefix("start: ")?).ok()?;
        let scores = self.scores.lock().unwrap();
        let (_, logprob) = scores.iter().find(|(part, _)| text.contains(part))?;
        Some(Script::Unsure(text.clone(), logprob / text.len() as f32))
    }

    pub fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// Waits until a generation runs.
    pub async fn until_running(&self) {
        self.until(|running| running > 0).await;
    }

    /// Waits until no generation runs.
    pub async fn until_idle(&self) {
        self.until(|running| running == 0).await;
    }

    async fn until(&self, is_so: impl Fn(usize) -> bool) {
        let mut running = self.running.subscribe();
        let waited = running.wait_for(|running| is_so(*running)).await;
        waited.unwrap();
    }
}

struct Running(watch::Sender<usize>);

impl Running {
    fn begin(running: &watch::Sender<usize>) -> Self {
        running.send_modify(|running| *running += 1);
        Self(running.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.send_modify(|running| *running -= 1);
    }
}

fn token(bytes: &[u8], logprob: f32, top: &[(&'static str, f32)]) -> Event {
    let top = top.iter().map(|(text, logprob)| Alternative {
        text: (*text).to_owned(),
        logprob: *logprob,
    });
    Event::Token(Token {
        id: 1,
        bytes: bytes.to_vec(),
        logprob: Some(logprob),
        top: top.collect(),
        forced: false,
        pass: 0,
    })
}

#[async_trait]
impl Engine for Scripted {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    async fn generate(&self, generation: Generation) -> Result<Generating, EngineError> {
        let given = self.given(&generation);
        let script = given.unwrap_or_else(|| {
            let mut scripts = self.scripts.lock().unwrap();
            let script = scripts.front().unwrap().clone();
            if scripts.len() > 1 {
                scripts.pop_front();
            }
            script
        });
        let max_tokens = generation.max_tokens;
        self.asked.lock().unwrap().push(generation);
        let (sender, events) = mpsc::channel(1);
        let gate = self.gate.clone();
        let running = Running::begin(&self.running);
        tokio::spawn(async move {
            let _running = running;
            let mut logprob = -0.01;
            let mut near = None;
            let (tokens, mut end) = match script {
                Script::Unsure(text, unsure) => {
                    logprob = unsure;
                    let tokens = text.bytes().map(|b| vec![b]).collect();
                    (tokens, Ok(FinishReason::Stop))
                }
                Script::Near(text, place, top) => {
                    near = Some((place, top));
                    let tokens = text.bytes().map(|b| vec![b]).collect();
                    (tokens, Ok(FinishReason::Stop))
                }
                Script::Tokens(tokens) => (tokens, Ok(FinishReason::Stop)),
                Script::CutShort(text) => (
                    text.bytes().map(|b| vec![b]).collect(),
                    Ok(FinishReason::Length),
                ),
                Script::Fails => (
                    vec![b"some".to_vec()],
                    Err(EngineError::Failed("secret detail".into())),
                ),
                Script::Refuses => (
                    Vec::new(),
                    Err(EngineError::Invalid("no such thing".into())),
                ),
            };
            let mut written = 0;
            for bytes in tokens {
                if written == max_tokens {
                    end = Ok(FinishReason::Length);
                    break;
                }
                let pass = async {
                    if let Ok(permit) = gate.acquire().await {
                        permit.forget();
                    }
                };
                tokio::select! {
                    () = pass => {}
                    () = sender.closed() => return,
                }
                let top = near.as_ref().filter(|(place, _)| *place == written);
                let top = top.map(|(_, top)| &top[..]).unwrap_or_default();
                let token = token(&bytes, logprob, top);
                written += 1;
                if sender.send(Ok(token)).await.is_err() {
                    return;
                }
            }
            let usage = Usage {
                prompt_tokens: 7,
                completion_tokens: written,
                cached_tokens: Some(0),
                reasoning_tokens: Some(0),
                ..Usage::default()
            };
            let end = end.map(|reason| Event::Finished { reason, usage });
            let _ = sender.send(end).await;
        });
        Ok(Generating {
            prompt_tokens: 7,
            events: events.into(),
        })
    }

    async fn count_prompt(&self, _: &Prompt) -> Result<Option<usize>, EngineError> {
        Ok(Some(7))
    }

    async fn count_tokens(&self, text: &str) -> Result<usize, EngineError> {
        Ok(text.len())
    }
}
