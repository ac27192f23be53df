//! Serving: for programs that have a runtime, and for those that have none.

use std::{
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    thread::JoinHandle,
};

use tokio::sync::oneshot;

use crate::{Bank, http::router};

/// Serves a bank until `shutdown` comes; calls that are under way are answered first.
///
/// # Errors
/// Whatever the listener reports.
pub async fn serve(
    bank: Arc<Bank>,
    listener: tokio::net::TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(bank))
        .with_graceful_shutdown(shutdown)
        .await
}

/// A bank that is served by a thread of its own. It stops when this is dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Serves `bank` on a listener that is bound already; to port 0 for any free one.
    ///
    /// # Errors
    /// If the listener or the runtime cannot be used.
    pub fn start(bank: Arc<Bank>, listener: TcpListener) -> io::Result<Self> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener)?;
                // A sender that is gone means the same as one that has sent.
                serve(bank, listener, async { drop(stopped.await) }).await
            })
        });
        Ok(Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A server that failed has nothing left to stop.
            drop(thread.join());
        }
    }
}
