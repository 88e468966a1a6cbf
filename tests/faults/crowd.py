"""People who convert leads all the time, and the book of what they tried."""

import random
import threading
from collections.abc import Sequence
from contextlib import ExitStack

from seller import Attempt, Seller, a_company

from sign_in import Person

# Together they ask for about as much as two cores can do beside the faults.
SELLERS = ("wangfang", "zhangwei", "liuyang")
PAUSE = 0.05
# No run needs more, however long it is.
MOST_ATTEMPTS = 20_000


class Crowd:
    """Sellers at work in threads of their own, until they are stopped."""

    def __init__(self, gateway: str, corp_id: str, seed: int) -> None:
        self._sellers = [Seller(gateway, Person(userid, corp_id)) for userid in SELLERS]
        self.seller = self._sellers[0].twin()
        self._seed = seed
        self._book: list[Attempt] = []
        self._faults: list[BaseException] = []
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []
        self._opened = ExitStack()

    def __enter__(self) -> "Crowd":
        for number, seller in enumerate([*self._sellers, self.seller]):
            self._opened.enter_context(seller)
            # Signed in before anything goes wrong; whoever asks later keeps their token.
            seller.enter()
            if seller is not self.seller:
                chance = random.Random(f"{self._seed}/{number}")
                thread = threading.Thread(target=self._sell, args=(seller, chance), daemon=True)
                self._threads.append(thread)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._opened.close()

    def stop(self) -> list[Attempt]:
        """Have everybody finish what they are at; returns the book.

        Raises what went wrong with a seller, rather than count it as nothing.
        """
        self._over.set()
        for thread in self._threads:
            thread.join()
        if self._faults:
            raise self._faults[0]
        return list(self._book)

    def progress(self) -> str:
        """How far they are, in words."""
        book = list(self._book)
        acknowledged = sum(one.is_acknowledged for one in book)
        again = sum(one.tries > 1 for one in book)
        return f"{len(book)} attempts, {acknowledged} acknowledged, {again} asked again"

    def _sell(self, seller: Seller, chance: random.Random) -> None:
        companies: list[str] = []
        leads: list[str] = []
        try:
            while not self._over.wait(PAUSE) and len(self._book) < MOST_ATTEMPTS:
                self._book.append(self._act(seller, chance, companies, leads))
        except BaseException as fault:  # noqa: BLE001 - told by whoever waits for us
            self._faults.append(fault)

    def _act(
        self, seller: Seller, chance: random.Random, companies: list[str], leads: list[str]
    ) -> Attempt:
        """Undo a conversion, convert a company that is a customer already, or a new one."""
        wanted = chance.random()
        if wanted < 0.15 and leads:
            return seller.undo(leads.pop(0))
        company = _respelled(companies, chance) if wanted < 0.3 and companies else a_company()
        lead = seller.enter(company)
        companies.append(company)
        leads.append(lead)
        return seller.convert(lead)


def _respelled(companies: Sequence[str], chance: random.Random) -> str:
    name = chance.choice(companies)
    return chance.choice((name, name.replace("有限", "有 限"), f"{name}\u3000"))
