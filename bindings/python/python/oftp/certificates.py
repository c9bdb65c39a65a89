"""Private keys, certificates, and whose certificate counts for what (RFC 5024 chapter 11).

```python
own = Keystore.load("alpha.key", "alpha.pem", passphrase=...)
trust = Trust([Certificate(Path("beta.pem").read_bytes())])
trust.check(certificate, Purpose.SIGN_FILE)
```

Keystores, certificates and trusts never change once they are made; any number of threads may use
one. Private keys are wiped when the last user is gone, and never shown.
"""

from __future__ import annotations

from ._keys import Owner, Problem, Purpose
from ._oftp import Certificate, Keystore, Trust

__all__ = ["Certificate", "Keystore", "Owner", "Problem", "Purpose", "Trust"]
