//! The reading half of the client.

use serde_json::Value;
use tokio::time::Instant;

use super::client::collection_of;
use super::request::Request;
use super::{Address, ApiError, ApiItem, Client, List, Reader, handoffs, rows};
use crate::kinds::{Collection, KindId, Service};
use crate::name::{RemoteId, Revision};

impl Reader for Client {
    async fn list(&self, kind: KindId, parent: Option<&RemoteId>) -> Result<Vec<Value>, ApiError> {
        Ok(self.list_at(kind, parent).await?.0)
    }

    async fn list_whole(&self, kind: KindId) -> Result<List, ApiError> {
        let collection = collection_of(kind)?;
        let projection = collection.asks_for_all().filter(|_| collection.read_items);
        if let Some(listed) = self.listed_if_known(collection, projection).await? {
            return Ok(listed);
        }
        Ok(List {
            rows: self.list(kind, None).await?,
            revision: None,
        })
    }

    async fn list_stamps(&self, kind: KindId) -> Result<List, ApiError> {
        let collection = collection_of(kind)?;
        let keys = rows::stamp_keys(collection);
        let projection = keys.as_deref().map(|keys| ("select", keys));
        let listed = self.listed_if_known(collection, projection).await?;
        Ok(listed.unwrap_or_default())
    }

    async fn list_at(
        &self,
        kind: KindId,
        parent: Option<&RemoteId>,
    ) -> Result<(Vec<Value>, Instant), ApiError> {
        let collection = collection_of(kind)?;
        if collection.service == Service::Handoff {
            let asked = Instant::now();
            return Ok((handoffs::list(self, collection).await?, asked));
        }
        let projection = rows::list_projection(collection);
        let projection = projection
            .as_ref()
            .map(|(key, value)| (*key, value.as_str()));
        let (list, asked) = self.listed(collection, parent, projection).await?;
        Ok((list.rows, asked))
    }

    async fn get(&self, address: &Address) -> Result<ApiItem, ApiError> {
        let collection = collection_of(address.kind)?;
        if collection.service == Service::Handoff {
            return handoffs::get(self, collection, &address.id).await;
        }
        let url = self.url(
            collection,
            address.parent.as_ref(),
            Some(&address.id),
            collection.asks_for_all(),
        )?;
        let answer = self
            .send(Request::get(url, collection.path).of(collection))
            .await?;
        rows::whole_item(collection, &address.id, answer)
    }
}

impl Client {
    /// The rows of a list that is asked with a query parameter; `None` from an account that does not know the parameter, or answers
    /// more than this program reads at once.
    async fn listed_if_known(
        &self,
        collection: &Collection,
        projection: Option<(&str, &str)>,
    ) -> Result<Option<List>, ApiError> {
        if projection.is_none() {
            return Ok(None);
        }
        match self.listed(collection, None, projection).await {
            Err(ApiError::Refused(_) | ApiError::Unexpected(_)) => Ok(None),
            listed => Ok(Some(listed?.0)),
        }
    }

    /// The rows of a list that is asked with a query parameter, and when the account was asked.
    async fn listed(
        &self,
        collection: &Collection,
        parent: Option<&RemoteId>,
        projection: Option<(&str, &str)>,
    ) -> Result<(List, Instant), ApiError> {
        let asked = Instant::now();
        let url = self.url(collection, parent, None, projection)?;
        let answer = self
            .send(Request::get(url, collection.path).of(collection))
            .await?;
        let asked = answer.sent.unwrap_or(asked);
        let revision = answer.revision.clone().map(Revision);
        let rows = rows::whole_list(collection, answer)?;
        Ok((List { rows, revision }, asked))
    }
}
