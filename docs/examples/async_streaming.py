"""In coroutines: follow a stream of events; who leaves it interrupts the code."""

import asyncio

from jupyter_session_export import AsyncSession
from jupyter_session_export.sessions.events import Finished, Stdout

COUNT = """
import time
for number in range(1000):
    print(number, flush=True)
    time.sleep(0.01)
"""


async def main():
    async with await AsyncSession.create() as session:
        async for event in session.stream("print('one')\n'two'"):
            if isinstance(event, Stdout):
                print("said", event.text, end="")
            elif isinstance(event, Finished):
                assert event.result.text == "'two'"

        async for event in session.stream(COUNT):
            if isinstance(event, Stdout) and "3" in event.text:
                break
        # The code was interrupted, and the session is free.
        assert int((await session.run("number")).text) < 999

        # Two sessions at the same time.
        results = await asyncio.gather(*(AsyncSession.run(f"{n} ** 2") for n in (3, 4)))
        assert [result.text for result in results] == ["9", "16"]


asyncio.run(main())
