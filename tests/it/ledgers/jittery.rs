//! A store in memory whose requests take turns by chance, so that runs on it meet at any point, in each run of a seed
//! alike.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures_core::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// The store.
#[derive(Debug)]
pub(super) struct Jittery {
    inner: InMemory,
    chance: Mutex<fastrand::Rng>,
    /// What was stored, in order: where, and the first line.
    pub(super) puts: Mutex<Vec<(Path, String)>>,
}

impl Jittery {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            inner: InMemory::new(),
            chance: Mutex::new(fastrand::Rng::with_seed(seed)),
            puts: Mutex::default(),
        })
    }

    /// Lets others go first, or not.
    pub(super) async fn turn(&self) {
        let turns = self.chance.lock().unwrap().u8(..6);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
    }
}

impl fmt::Display for Jittery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("jittery memory")
    }
}

#[async_trait]
impl ObjectStore for Jittery {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        self.turn().await;
        let bytes = bytes_of(&payload);
        let result = self.inner.put_opts(location, payload, options).await;
        if result.is_ok() {
            let text = String::from_utf8_lossy(&bytes);
            let first = text.lines().next().unwrap_or_default().to_owned();
            self.puts.lock().unwrap().push((location.clone(), first));
        }
        self.turn().await;
        result
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, options).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.turn().await;
        let result = self.inner.get_opts(location, options).await;
        self.turn().await;
        result
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn bytes_of(payload: &PutPayload) -> Vec<u8> {
    payload.iter().flat_map(|part| part.to_vec()).collect()
}
