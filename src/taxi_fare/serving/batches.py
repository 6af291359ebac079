"""Price what waits together: a hundred rides take little more than one."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Batches(Generic[Asked, Answer]):
    """
    Work on what many clients ask for, in the order in which it came.

    While one batch is worked on, in a thread, the next one gathers: alone
    nobody waits, and in a crowd nobody waits for long.

    Parameters
    ----------
    work : callable
        Returns an answer to each; where it raises, each is worked on alone,
        so that only who asked for what cannot be is told so.
    most : int
        How many are worked on at once.
    is_quick : callable, optional
        Tells whether some take so little that a thread, which shares one
        interpreter with this one, would take longer.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Asked]], Sequence[Answer]],
        *,
        most: int,
        is_quick: Callable[[Sequence[Asked]], bool] = lambda questions: False,
    ) -> None:
        self._work = work
        self._is_quick = is_quick
        self._most = most
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._something = asyncio.Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="pricing")

    async def answer(self, asked: Asked) -> Answer:
        """Wait for the answer to one question."""
        future: asyncio.Future[Answer] = (
            asyncio.get_running_loop().create_future()
        )
        self._waiting.append((asked, future))
        self._something.set()
        return await future

    async def run(self) -> None:
        """Answer, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await self._something.wait()
            # Whoever has asked meanwhile is of the same batch.
            await asyncio.sleep(0)
            some = self._waiting[: self._most]
            del self._waiting[: self._most]
            if not self._waiting:
                self._something.clear()
            questions = [asked for asked, _ in some]
            if self._is_quick(questions):
                answers = self._answers(questions)
            else:
                answers = await loop.run_in_executor(
                    self._pool, self._answers, questions
                )
            for (_, future), found in zip(some, answers, strict=True):
                if future.cancelled():
                    continue  # Nobody waits any more.
                if isinstance(found, Exception):
                    future.set_exception(found)
                else:
                    future.set_result(found)

    def _answers(
        self, questions: Sequence[Asked]
    ) -> Sequence[Answer | Exception]:
        try:
            return self._work(questions)
        except Exception:
            return [self._alone(each) for each in questions]

    def _alone(self, question: Asked) -> Answer | Exception:
        try:
            (found,) = self._work([question])
        except Exception as error:
            return error
        return found
