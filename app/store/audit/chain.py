"""Whether each seal follows the one before it, and which of them are proven."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.store.audit.findings import Finding, Flaw, Report, Vouched
from app.store.audit.seals import NOTHING_BEFORE, Anchor, Seal
from app.store.protection import Keyring


class Chain:
    """Takes a clinic's seals one after the other, by their numbers, and reports what is wrong between them.

    Args:
        keyring: the master keys that seals are checked with.
        anchors: digests by seal number, as they were kept outside.
        report: told of each finding.
    """

    def __init__(self, keyring: Keyring, anchors: Mapping[int, bytes], report: Report) -> None:
        self._keyring, self._anchors, self._report = keyring, anchors, report
        self._newest: Seal | None = None
        self._open: list[Vouched] = []
        self._open_anchors: list[Anchor] = []
        self.seals = 0
        self.vouched: list[Vouched] = []
        self.unproven: list[tuple[Vouched, Anchor]] = []
        """Seals that nothing vouches for, with the last of them."""

    @property
    def newest(self) -> Anchor | None:
        """The last seal that was taken."""
        return None if self._newest is None else self._newest.anchor

    def take(self, seal: Seal) -> bool:
        """Look at the next seal; answers whether it can be as it was made."""
        self.seals += 1
        genuine = seal.is_genuine(self._keyring)
        if genuine is False:
            self._tell(Flaw.SEAL_CHANGED, "it is not as it was made, or was made by somebody else", seal.number)
        kept = self._anchors.get(seal.number)
        if kept not in (None, seal.anchor.digest):
            self._tell(Flaw.SEAL_CHANGED, "it is another one than was kept outside", seal.number)
        if not self._follows(seal):
            self._give_up()
        if genuine is None:
            self._put_off(seal)
        if genuine or (genuine is None and kept == seal.anchor.digest):
            self.vouched += self._open
            self._forget_open()
        self._newest = seal
        return genuine is not False

    def end(self) -> None:
        """No seal follows."""
        self._give_up()
        last = 0 if self._newest is None else self._newest.number
        for number in sorted(self._anchors):
            if number > last:
                self._tell(Flaw.SEALS_CUT_OFF, f"it was kept outside, and the newest here is {last or 'none'}", number)

    def _follows(self, seal: Seal) -> bool:
        """Whether it vouches for all before it. What is wrong about that is reported."""
        before = self._newest
        expected = 1 if before is None else before.number + 1
        if seal.number != expected:
            missing = (
                f"it and all up to {seal.number - 1} are missing" if seal.number > expected + 1 else "it is missing"
            )
            self._tell(Flaw.SEAL_MISSING, missing, min(seal.number, expected))
            return False
        if before is None:
            follows = seal.previous == NOTHING_BEFORE
        else:
            follows = seal.previous == before.anchor.digest
            if not follows and seal.previous == NOTHING_BEFORE:
                # Its maker could not check the one before, which therefore has to be proven by itself.
                return False
        if not follows:
            self._tell(Flaw.SEAL_CHANGED, "it does not follow the one before it", seal.number)
        return follows

    def _put_off(self, seal: Seal) -> None:
        """Its own key is gone: a later seal has to vouch for it."""
        if self._open and self._open[-1].key_id == seal.master_key:
            self._open[-1] = replace(self._open[-1], last=seal.number)
            self._open_anchors[-1] = seal.anchor
        else:
            self._open.append(Vouched(seal.master_key, seal.number, seal.number))
            self._open_anchors.append(seal.anchor)

    def _give_up(self) -> None:
        """Nothing vouches for the seals that were put off."""
        for each in self._open:
            upto = "" if each.first == each.last else f", like all up to {each.last}"
            says = f"its master key {each.key_id} is not on the ring and no later seal vouches for it{upto}"
            self._tell(Flaw.SEAL_UNPROVEN, says, each.first)
        self.unproven += zip(self._open, self._open_anchors, strict=True)
        self._forget_open()

    def _forget_open(self) -> None:
        self._open.clear()
        self._open_anchors.clear()

    def _tell(self, flaw: Flaw, says: str, seal: int) -> None:
        self._report(Finding(flaw, says, seal=seal))
