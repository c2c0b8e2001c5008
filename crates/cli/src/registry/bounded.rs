//! Takes the bytes of an answer, but no more than were announced.
//!
//! With room for 4, `ab` and `cd` are taken, and a further byte ends the answer with an error.

use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;

/// Bytes, and how many more there may be.
pub(super) struct Bounded {
    pub(super) bytes: Vec<u8>,
    room: usize,
}

impl Bounded {
    pub(super) fn new(room: usize) -> Self {
        // What was announced need not come, so memory is taken as it comes.
        Self { bytes: Vec::new(), room }
    }
}

impl AsyncWrite for Bounded {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        Poll::Ready(match this.room.checked_sub(bytes.len()) {
            None => Err(ErrorKind::FileTooLarge.into()),
            Some(room) => {
                this.room = room;
                this.bytes.extend_from_slice(bytes);
                Ok(bytes.len())
            }
        })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
