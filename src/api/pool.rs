//! Futures that run side by side without being spawned, so that they may borrow.
//!
//! The pool polls all of its few futures whenever one of them wakes it: right for tens of requests,
//! wrong for thousands.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Futures that run side by side.
pub(crate) struct FuturePool<'a, T>(Vec<Pin<Box<dyn Future<Output = T> + Send + 'a>>>);

impl<T> Default for FuturePool<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'a, T> FuturePool<'a, T> {
    /// Adds a future. It runs while [`FuturePool::next`] is awaited.
    pub(crate) fn push(&mut self, future: impl Future<Output = T> + Send + 'a) {
        self.0.push(Box::pin(future));
    }

    /// How many futures are under way.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The output of the future that ends next, `None` when there is none.
    pub(crate) async fn next(&mut self) -> Option<T> {
        if self.0.is_empty() {
            return None;
        }
        let (index, output) = poll_fn(|context| {
            for (index, future) in self.0.iter_mut().enumerate() {
                if let Poll::Ready(output) = future.as_mut().poll(context) {
                    return Poll::Ready((index, output));
                }
            }
            Poll::Pending
        })
        .await;
        drop(self.0.remove(index));
        Some(output)
    }
}

/// Runs futures, at most `limit` at a time. Outputs come in the order of the futures; the first error
/// drops the rest.
pub(crate) async fn try_all<'a, T, E, F>(
    limit: usize,
    futures: impl IntoIterator<Item = F>,
) -> Result<Vec<T>, E>
where
    T: Send + 'a,
    E: Send + 'a,
    F: Future<Output = Result<T, E>> + Send + 'a,
{
    let mut waiting = futures.into_iter().enumerate();
    let mut pool = FuturePool::default();
    let mut outputs: Vec<Option<T>> = Vec::new();
    loop {
        while pool.len() < limit.max(1)
            && let Some((index, future)) = waiting.next()
        {
            outputs.push(None);
            pool.push(async move { (index, future.await) });
        }
        let Some((index, output)) = pool.next().await else {
            return Ok(outputs.into_iter().flatten().collect());
        };
        outputs[index] = Some(output?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn outputs_keep_the_order_and_the_limit_holds() {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let job = |index: usize| {
            let (now, most) = (&now, &most);
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..(10 - index) {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, ()>(index)
            }
        };
        let outputs = try_all(3, (0..10).map(job)).await;
        assert_eq!(outputs, Ok((0..10).collect()));
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn the_first_error_ends_it() {
        let outputs: Result<Vec<u8>, u8> = try_all(1, (0..9).map(|n| async move { Err(n) })).await;
        assert_eq!(outputs, Err(0));
    }
}
