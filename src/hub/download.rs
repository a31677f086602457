//! Downloads a file from the hub into the store, and continues where an earlier try broke off.

use std::{fs, path::Path};

use reqwest::{Response, StatusCode, header::CONTENT_RANGE};
use tokio::{
    fs::File,
    io::{AsyncSeekExt, AsyncWriteExt, BufWriter, SeekFrom},
};

use super::{
    HubError, Pull,
    client::Address,
    disk::{create_folder, is_whole},
    error::reason,
    progress::TransferMeter,
};

/// Size of the write buffer, and so the most that a killed process loses of the received bytes.
const BUFFER: usize = 1 << 20;

/// The download of one file.
struct Transfer<'a> {
    address: Address<'a>,
    part: &'a Path,
    size: Option<u64>,
}

impl Pull<'_> {
    /// Ensures that a file is in the snapshot.
    pub(super) async fn fetch(&self, file: &str) -> Result<(), HubError> {
        let listed = self.listing.files.get(file).copied().flatten();
        if is_whole(&self.folder.join(file), listed) {
            self.received.add(listed.unwrap_or_default());
            return Ok(());
        }
        let commit = self.listing.commit.as_str();
        let address = Address {
            model: self.model,
            commit,
            file,
        };
        let contents = self.client.contents(address).await?;
        let size = listed.or(contents.size);
        let blob = self.store.blob(&contents.etag);
        let lock = self.store.lock(&contents.etag).await?;
        // Another pull may have fetched it while this one waited for the lock.
        if is_whole(&self.folder.join(file), size) {
            self.received.add(size.unwrap_or_default());
            return Ok(());
        }
        // Another revision may have the same contents.
        if is_whole(&blob, size) {
            self.received.add(size.unwrap_or_default());
        } else {
            if let Some(folder) = blob.parent() {
                create_folder(folder)?;
            }
            let part = self.store.part(&contents.etag);
            self.download(&Transfer {
                address,
                part: &part,
                size,
            })
            .await?;
            fs::rename(&part, &blob).map_err(HubError::disk("create", &blob))?;
        }
        self.store.link(&contents.etag, commit, file)?;
        drop(lock);
        Ok(())
    }

    /// Downloads the file to the part's path. After an error, the part holds the bytes received.
    async fn download(&self, transfer: &Transfer<'_>) -> Result<(), HubError> {
        let Transfer {
            address,
            part,
            size,
        } = *transfer;
        let write = || HubError::disk("write", part);
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(part)
            .await
            .map_err(write())?;
        let mut received = file.metadata().await.map_err(write())?.len();
        if size.is_some_and(|size| received > size) {
            file.set_len(0).await.map_err(write())?;
            received = 0;
        }
        let mut meter = self
            .progress
            .start(&self.received, address.file, received, size);
        if size == Some(received) {
            self.received.add(received);
        } else {
            let response = self.open(transfer, &file, received).await?;
            if response.status() == StatusCode::OK {
                received = 0;
            }
            meter.begin(received);
            // Not by appending: a write left over from a cancelled pull then lands in its own
            // place.
            file.seek(SeekFrom::Start(received))
                .await
                .map_err(write())?;
            let mut out = BufWriter::with_capacity(BUFFER, file);
            let result = pour(response, &mut out, &mut meter).await;
            // Before the result is checked, so that an interruption loses nothing.
            out.flush().await.map_err(write())?;
            let file = out.into_inner();
            file.sync_all().await.map_err(write())?;
            received = file.metadata().await.map_err(write())?.len();
            result.map_err(|error| broken(transfer, received, error))?;
        }
        if let Some(size) = size
            && size != received
        {
            fs::remove_file(part).map_err(HubError::disk("remove", part))?;
            return Err(HubError::WrongSize {
                file: address.file.to_owned(),
                received,
                size,
            });
        }
        meter.finish();
        Ok(())
    }

    /// Requests the rest of a file, or all of it if the server does not support parts; the part is
    /// then emptied first.
    async fn open(
        &self,
        transfer: &Transfer<'_>,
        file: &File,
        received: u64,
    ) -> Result<Response, HubError> {
        let mut response = self.client.open(transfer.address, received).await?;
        if response.status() == StatusCode::RANGE_NOT_SATISFIABLE {
            response = self.client.open(transfer.address, 0).await?;
        }
        match response.status() {
            StatusCode::OK => {
                file.set_len(0)
                    .await
                    .map_err(HubError::disk("write", transfer.part))?;
                Ok(response)
            }
            _ if range_start(&response) == Some(received) => Ok(response),
            _ => Err(self.client.malformed(
                transfer.address.file,
                "it sent another part than the requested one".to_owned(),
            )),
        }
    }
}

/// An error while bytes are transferred.
enum Broken {
    Network(reqwest::Error),
    Disk(std::io::Error),
}

async fn pour(
    mut response: Response,
    out: &mut BufWriter<File>,
    meter: &mut TransferMeter,
) -> Result<(), Broken> {
    while let Some(bytes) = response.chunk().await.map_err(Broken::Network)? {
        out.write_all(&bytes).await.map_err(Broken::Disk)?;
        meter.advance(bytes.len() as u64);
    }
    Ok(())
}

fn broken(transfer: &Transfer<'_>, received: u64, error: Broken) -> HubError {
    match error {
        Broken::Disk(error) => HubError::disk("write", transfer.part)(error),
        Broken::Network(error) => HubError::Interrupted {
            file: transfer.address.file.to_owned(),
            received,
            size: transfer
                .size
                .map_or_else(|| "unknown".to_owned(), |size| size.to_string()),
            reason: reason(error),
        },
    }
}

/// Returns the first byte of a partial answer.
fn range_start(response: &Response) -> Option<u64> {
    let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    range
        .strip_prefix("bytes ")?
        .split('-')
        .next()?
        .parse()
        .ok()
}
