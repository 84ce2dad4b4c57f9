"""What the system says about a file, as the port's errors."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from clarion.core.errors import Unavailable
from clarion.store.objects.port import Denied, Missing, Unreadable

_GONE = {errno.ENOENT, errno.ENOTDIR}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FOR_NOW = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EDQUOT,
    errno.EINTR,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ENOSPC,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


@contextmanager
def told(url: str) -> Iterator[None]:
    """Raise an OSError of the block as Missing, Denied, Unavailable or Unreadable, naming the URL."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _GONE:
            raise Missing(f"{url}: does not exist") from error
        if error.errno in _REFUSED:
            raise Denied(f"{url}: {reason}") from error
        if error.errno == errno.ELOOP:
            raise Denied(f"{url}: a link is in the way") from error
        if error.errno in _FOR_NOW:
            raise Unavailable(f"{url}: {reason}") from error
        raise Unreadable(f"{url}: {reason}") from error
