//! A queue that reads several files at once and returns the results in the order of the files.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
    vec,
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::{
    inputs::InputFile,
    reader::{FileFault, FileReading, ReceiptReader},
};

/// The number of results that may wait for the slowest file, for each file that is read at once.
const WAITING_PER_JOB: usize = 4;

/// The result for one file.
#[derive(Debug)]
pub struct Done {
    /// The file.
    pub input: InputFile,
    /// The receipt, or the reason why there is none.
    pub result: Result<FileReading, FileFault>,
    /// The time that the reader took.
    pub took: Duration,
}

/// A queue of files to read.
///
/// A file is opened when its turn comes, so that memory holds only the files being read at once, and as many
/// results as `WAITING_PER_JOB` allows.
pub struct Queue<'a> {
    reader: &'a dyn ReceiptReader,
    inputs: vec::IntoIter<InputFile>,
    jobs: usize,
    running: FuturesUnordered<BoxFuture<'a, (usize, Done)>>,
    /// Results that came before their turn.
    waiting: BTreeMap<usize, Done>,
    started: usize,
    handed_out: usize,
}

impl<'a> Queue<'a> {
    /// Creates a queue that reads `jobs` of `inputs` at once.
    #[must_use]
    pub fn new(reader: &'a dyn ReceiptReader, inputs: Vec<InputFile>, jobs: usize) -> Self {
        Self {
            reader,
            inputs: inputs.into_iter(),
            jobs: jobs.max(1),
            running: FuturesUnordered::new(),
            waiting: BTreeMap::new(),
            started: 0,
            handed_out: 0,
        }
    }

    /// Returns the next result in order, and `None` after the last. No result is lost if the future is dropped
    /// before it is ready.
    pub async fn next(&mut self) -> Option<Done> {
        loop {
            if let Some(done) = self.waiting.remove(&self.handed_out) {
                self.handed_out += 1;
                return Some(done);
            }
            self.start();
            let (index, done) = self.running.next().await?;
            self.waiting.insert(index, done);
        }
    }

    /// Hands every result in order to `take`, until all are read or `stop` is cancelled. Returns whether all were read.
    ///
    /// # Errors
    /// Those of `take`, which end the run.
    pub async fn each(
        mut self,
        stop: &CancellationToken,
        mut take: impl FnMut(Done) -> anyhow::Result<()>,
    ) -> anyhow::Result<bool> {
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return Ok(false),
                done = self.next() => done,
            };
            match done {
                Some(done) => take(done)?,
                None => return Ok(true),
            }
        }
    }

    /// Gives up the files that are being read, and returns the finished results in order.
    pub fn into_waiting(self) -> impl Iterator<Item = Done> {
        self.waiting.into_values()
    }

    fn start(&mut self) {
        while self.running.len() < self.jobs
            && self.started - self.handed_out < self.jobs * WAITING_PER_JOB
            && let Some(input) = self.inputs.next()
        {
            let (index, reader) = (self.started, self.reader);
            self.started += 1;
            let reading = async move { (index, read(reader, input).await) };
            self.running.push(reading.boxed());
        }
    }
}

async fn read(reader: &dyn ReceiptReader, input: InputFile) -> Done {
    let bytes = input.bytes().await;
    let started = Instant::now();
    let result = match bytes {
        Ok(bytes) => reader.read(bytes, &input.name).await,
        Err(fault) => Err(fault),
    };
    Done {
        input,
        result,
        took: started.elapsed(),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        path::PathBuf,
        sync::atomic::{AtomicUsize, Ordering::SeqCst},
    };

    use async_trait::async_trait;
    use bytes::Bytes;
    use serde_json::json;
    use tokio::sync::Semaphore;

    use super::{super::inputs, *};

    /// A reader that answers at once, except for one file that waits until the test lets it pass.
    struct Gated {
        slow: &'static str,
        gate: Semaphore,
        begun: AtomicUsize,
        at_once: AtomicUsize,
        most_at_once: AtomicUsize,
    }

    impl Gated {
        fn new(slow: &'static str) -> Self {
            Self {
                slow,
                gate: Semaphore::new(0),
                begun: AtomicUsize::new(0),
                at_once: AtomicUsize::new(0),
                most_at_once: AtomicUsize::new(0),
            }
        }
    }

    #[async_trait]
    impl ReceiptReader for Gated {
        async fn read(&self, _: Bytes, name: &str) -> Result<FileReading, FileFault> {
            self.begun.fetch_add(1, SeqCst);
            let now = self.at_once.fetch_add(1, SeqCst) + 1;
            self.most_at_once.fetch_max(now, SeqCst);
            if name.ends_with(self.slow) {
                let _ = self.gate.acquire().await;
            } else {
                tokio::task::yield_now().await;
            }
            self.at_once.fetch_sub(1, SeqCst);
            let (invoice, meta) = (json!({}), None);
            Ok(FileReading { invoice, meta })
        }
    }

    fn files(count: usize) -> (tempfile::TempDir, Vec<InputFile>) {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..count {
            std::fs::write(folder.path().join(format!("{number:04}.png")), "x").unwrap();
        }
        let inputs = inputs::find(&[PathBuf::from(folder.path())]);
        (folder, inputs)
    }

    #[tokio::test]
    async fn results_come_in_order() {
        let (_folder, inputs) = files(50);
        let names: Vec<_> = inputs.iter().map(|input| input.name.clone()).collect();
        let reader = Gated::new("none");
        let mut queue = Queue::new(&reader, inputs, 3);
        let mut order = Vec::new();
        while let Some(done) = queue.next().await {
            order.push(done.input.name);
        }
        assert_eq!(order, names);
        assert_eq!(reader.most_at_once.load(SeqCst), 3);
    }

    #[tokio::test]
    async fn only_so_many_results_wait_for_a_slow_file() {
        let (_folder, inputs) = files(50);
        let reader = Gated::new("0000.png");
        let mut queue = Queue::new(&reader, inputs, 2);
        let stuck = tokio::time::timeout(Duration::from_millis(300), queue.next()).await;
        assert!(stuck.is_err());
        assert_eq!(reader.begun.load(SeqCst), 8);
        reader.gate.add_permits(1);
        let mut count = 0;
        while queue.next().await.is_some() {
            count += 1;
        }
        assert_eq!(count, 50);
    }

    #[tokio::test]
    async fn finished_results_survive_when_the_rest_is_given_up() {
        let (_folder, inputs) = files(50);
        let reader = Gated::new("0000.png");
        let mut queue = Queue::new(&reader, inputs, 2);
        let stuck = tokio::time::timeout(Duration::from_millis(300), queue.next()).await;
        assert!(stuck.is_err());
        assert_eq!(queue.into_waiting().count(), 7);
    }
}
