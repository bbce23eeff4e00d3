//! Connections that can be cut in the middle of an answer, as a network does.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// A listener whose connections have a [`Leash`].
pub(super) struct LeashedListener(pub(super) TcpListener);

impl Listener for LeashedListener {
    type Io = LeashedConnection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LeashedConnection, SocketAddr) {
        let (stream, peer) = Listener::accept(&mut self.0).await;
        // Small answers must not wait for the peer's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let leash = Leash::default();
        (LeashedConnection { stream, leash }, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// How much of the answer under way still goes out. Clones hold the same connection.
#[derive(Clone, Debug, Default)]
pub(super) struct Leash(Arc<Mutex<Slack>>);

#[derive(Clone, Copy, Debug, Default)]
enum Slack {
    #[default]
    Free,
    /// The head of the next answer, and so many bytes of its body.
    Body(usize),
    /// So many bytes.
    Bytes(usize),
}

impl Leash {
    /// Lets nothing more out: the answer is lost.
    pub(super) fn cut_answer(&self) {
        self.set(Slack::Bytes(0));
    }

    /// Lets the head of the next answer out, and so many bytes of its body.
    pub(super) fn cut_body(&self, bytes: usize) {
        self.set(Slack::Body(bytes));
    }

    fn set(&self, slack: Slack) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = slack;
    }

    /// How many bytes of this buffer may go out; `None` when the connection is cut.
    fn allowed(&self, buffer: &[u8]) -> Option<usize> {
        const END_OF_HEAD: &[u8] = b"\r\n\r\n";
        let mut slack = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Slack::Body(bytes) = *slack
            && let Some(end) = buffer
                .windows(END_OF_HEAD.len())
                .position(|window| window == END_OF_HEAD)
        {
            *slack = Slack::Bytes(end + END_OF_HEAD.len() + bytes);
        }
        match *slack {
            Slack::Free | Slack::Body(_) => Some(buffer.len()),
            Slack::Bytes(0) => None,
            Slack::Bytes(left) => Some(left.min(buffer.len())),
        }
    }

    fn note_written(&self, bytes: usize) {
        let mut slack = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Slack::Bytes(left) = &mut *slack {
            *left = left.saturating_sub(bytes);
        }
    }
}

impl Connected<IncomingStream<'_, LeashedListener>> for Leash {
    fn connect_info(stream: IncomingStream<'_, LeashedListener>) -> Self {
        stream.io().leash.clone()
    }
}

/// A connection on a leash. It has no vectored writes, so that each write begins with the head.
pub(super) struct LeashedConnection {
    stream: TcpStream,
    leash: Leash,
}

impl AsyncRead for LeashedConnection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for LeashedConnection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Some(allowed) = self.leash.allowed(buffer) else {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        };
        let written = Pin::new(&mut self.stream).poll_write(cx, &buffer[..allowed]);
        if let Poll::Ready(Ok(bytes)) = written {
            self.leash.note_written(bytes);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
