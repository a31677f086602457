//! Reads receipts whose values a file states: XML e-invoices, alone or within a PDF. No model is asked.

mod checks;
mod form;

use std::sync::Arc;

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    ExtractError, ExtractSettings,
    confidence::FieldConfidence,
    error::EInvoiceFault,
    evidence::{FieldEvidence, PageFacts},
    grounding::{Grounding, GroundingOutcome},
    job::ReadingJob,
    placed::look_up,
    progress::ReadingStage,
    reading::{CheckedReceipt, ReadAs, Reading, Report, Timings},
    source::{EInvoiceSource, ReadingSource},
};
use crate::{
    einvoice::{self, EInvoice, XmlLimits},
    generation::{Cost, Usage},
    image::{EncodedImage, ImageFormat, ImageLoader, PageSought, PdfAttachment, SoughtText},
    page::PageReading,
    telemetry,
};
use form::Filled;

/// The name of the model in the report of a reading that no model made.
const NO_MODEL: &str = "none";

/// Names of XML files in PDFs that are invoices by their standards.
const NAMES: [&str; 4] = [
    "factur-x.xml",
    "zugferd-invoice.xml",
    "xrechnung.xml",
    "cii-invoice.xml",
];

/// What the files of a job state by themselves.
pub enum StatedFiles {
    /// The whole answer.
    Answer(Box<Reading>),
    /// Nothing that can be used; the reason, if a PDF carries XML.
    Nothing(Option<String>),
}

/// The XML of an e-invoice, and where it was found.
struct Found {
    xml: Bytes,
    /// The name of the attachment, if a PDF carries it.
    file: Option<String>,
}

/// Reads what files state by themselves.
pub struct StatedReader<'a> {
    /// The settings of reading receipts.
    pub settings: &'a ExtractSettings,
    /// The loader of the pages.
    pub images: &'a ImageLoader,
}

impl StatedReader<'_> {
    /// Reads what the files of `job` state by themselves.
    ///
    /// # Errors
    /// [`ExtractError::EInvoice`] where the only file is XML that does not state the answer.
    pub async fn read(&self, job: &ReadingJob) -> Result<StatedFiles, ExtractError> {
        let stated = self.by_files(job).await;
        match &stated {
            Ok(StatedFiles::Nothing(None) | StatedFiles::Answer(_)) => {}
            Ok(StatedFiles::Nothing(Some(_))) | Err(_) => {
                self.images.metrics().e_invoice("refused");
            }
        }
        stated
    }

    async fn by_files(&self, job: &ReadingJob) -> Result<StatedFiles, ExtractError> {
        let limits = self.settings.e_invoices;
        if let Some(xml) = &job.xml {
            let found = Found {
                xml: xml.clone(),
                file: None,
            };
            let reading = self.state(job, found, limits.xml).await?;
            return Ok(StatedFiles::Answer(Box::new(reading)));
        }
        let [file] = &job.files[..] else {
            return Ok(StatedFiles::Nothing(None));
        };
        if file.format != ImageFormat::Pdf || !limits.in_pdfs {
            return Ok(StatedFiles::Nothing(None));
        }
        let Some(found) = self.attached(file, limits.xml).await else {
            return Ok(StatedFiles::Nothing(None));
        };
        let name = found.file.clone().unwrap_or_default();
        match self.state(job, found, limits.xml).await {
            Ok(reading) => Ok(StatedFiles::Answer(Box::new(reading))),
            Err(error) => {
                let reason = format!("{name}: {error}");
                tracing::info!(reason, "the XML of a PDF was not used");
                Ok(StatedFiles::Nothing(Some(reason)))
            }
        }
    }

    /// Returns the XML of the invoice that a PDF carries: the one whose name a standard gives, or any that can be read.
    async fn attached(&self, file: &EncodedImage, limits: XmlLimits) -> Option<Found> {
        let files = self.images.xml_files(file.clone()).await;
        // What is wrong with the file is told when its pages are read.
        let mut files = files.unwrap_or_default();
        let is_named = |name: &str| NAMES.iter().any(|known| name.eq_ignore_ascii_case(known));
        let mut chosen = files
            .iter()
            .position(|file| is_named(&file.name))
            .map(|at| files.swap_remove(at));
        let mut others = files.into_iter();
        while chosen.is_none() {
            let file = others.next()?;
            chosen = is_invoice(&file.data, limits).await.then_some(file);
        }
        let PdfAttachment { name, data } = chosen?;
        Some(Found {
            xml: data,
            file: Some(name),
        })
    }

    /// Makes the answer of what `found` states.
    async fn state(
        &self,
        job: &ReadingJob,
        found: Found,
        limits: XmlLimits,
    ) -> Result<Reading, ExtractError> {
        let started = Instant::now();
        job.progress.reach(|| ReadingStage::Checking);
        let xml = found.xml.clone();
        let schema = job.schema.clone();
        let work = telemetry::carried_over(move || {
            let invoice = einvoice::read(&xml, &limits).map_err(EInvoiceFault::Unreadable)?;
            let filled = form::fill(&invoice, &schema)?;
            Ok::<_, EInvoiceFault>((invoice, filled))
        });
        let read = tokio::task::spawn_blocking(work).await;
        let (invoice, filled) = read.map_err(|_| EInvoiceFault::Lost).flatten()?;
        let receipt =
            CheckedReceipt::stated(&filled.answer, &job.schema).map_err(EInvoiceFault::Misfit)?;
        self.images.metrics().e_invoice(invoice.kind());
        let prepared = Instant::now();
        let (pages, evidence) = self.around(job, &receipt, &filled).await;
        let text = prepared.elapsed();
        let fields = confidences(&filled, job);
        let checks = checks::run(&checks::Compared {
            invoice: &invoice,
            filled: &filled,
            evidence: &evidence,
            pages: &pages,
            today: (self.settings.today)(),
        });
        Ok(Reading {
            report: Arc::new(Report {
                model: NO_MODEL.to_owned(),
                schema: job.schema.name().to_owned(),
                source: ReadingSource::EInvoice(EInvoiceSource {
                    kind: invoice.kind().to_owned(),
                    profile: invoice.profile().map(str::to_owned),
                    file: found.file,
                    stated: filled.stated,
                }),
                read_as: ReadAs::Xml,
                pages: pages.len(),
                blank_pages: Vec::new(),
                image_tokens: 0,
                fields,
                checks,
                evidence,
                text: PageFacts::of(&pages),
                codes: Vec::new(),
                grounding: GroundingOutcome::as_wanted(Grounding::Off),
                is_by_rows: false,
                weighed: Vec::new(),
                attempts: Vec::new(),
                usage: Usage {
                    cost: Some(Cost::ZERO),
                    ..Usage::default()
                },
                timings: Timings {
                    prepare: prepared - started,
                    text,
                    total: started.elapsed(),
                    ..Timings::default()
                },
            }),
            receipt,
        })
    }

    /// Looks the answer up on the pages around the XML: in the text that the PDF states, which takes milliseconds, and
    /// only where the total is not found there, in all that the page reader finds. A page that cannot be read says
    /// nothing against the XML.
    async fn around(
        &self,
        job: &ReadingJob,
        receipt: &CheckedReceipt,
        filled: &Filled,
    ) -> (Arc<Vec<PageReading>>, Vec<FieldEvidence>) {
        if job.files.is_empty() {
            let nowhere = look_up(receipt, &job.schema, Arc::default()).await;
            return (Arc::default(), nowhere);
        }
        let pages = self.pages(job, SoughtText::Stated).await;
        let evidence = look_up(receipt, &job.schema, pages.clone()).await;
        if checks::is_total_printed(filled, &evidence) {
            return (pages, evidence);
        }
        let pages = self.pages(job, SoughtText::Whole).await;
        let evidence = look_up(receipt, &job.schema, pages.clone()).await;
        (pages, evidence)
    }

    async fn pages(&self, job: &ReadingJob, text: SoughtText) -> Arc<Vec<PageReading>> {
        let sought = PageSought { text, codes: None };
        let found = self.images.look(job.files.clone(), sought).await;
        let found = found.unwrap_or_else(|error| {
            tracing::info!(%error, "the pages around an e-invoice could not be read");
            Vec::new()
        });
        Arc::new(found.into_iter().map(|page| page.text).collect())
    }
}

/// Returns whether XML is an invoice that can be read, on a blocking thread.
pub async fn is_invoice(xml: &Bytes, limits: XmlLimits) -> bool {
    let xml = xml.clone();
    let reading = tokio::task::spawn_blocking(move || einvoice::read(&xml, &limits).is_ok());
    reading.await.unwrap_or(false)
}

/// Returns the confidence in every value that the file states: 1.
fn confidences(filled: &Filled, job: &ReadingJob) -> Vec<FieldConfidence> {
    // Elements that state one value follow one another.
    let values = filled
        .stated
        .chunk_by(|one, next| one.pointer == next.pointer);
    let fields = values.filter_map(|of_one| {
        let value = of_one.first()?;
        Some(FieldConfidence {
            kind: job.schema.kind_at(&value.pointer),
            pointer: value.pointer.clone(),
            logprob: 0.0,
            confidence: 1.0,
        })
    });
    fields.collect()
}
