"""The whole loop as steps, each safe to run again: partner data, links, definition, the desk's return, publication."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from concord.evidence import extracts
from concord.evidence.datasets.store import Store
from concord.evidence.extracts import LoadResult
from concord.evidence.publications import Published
from concord.kernel.errors import BadInput, Where
from concord.kernel.names import did_you_mean
from concord.kernel.working_time import LONDON
from concord.strategy import Partnership

if TYPE_CHECKING:
    from concord.evidence.linkage import LinkResult, Quality
    from concord.strategy.shapes.linkage import Linkage

Clock = Callable[[], datetime]
Progress = Callable[[str], None]
DESK_FEEDS = ("desk_contacts", "desk_actions", "desk_entries", "desk_returns")
OFFICE_HOURS = time(10)


@dataclass(frozen=True, slots=True)
class Loop:
    """The loop of one partnership in one home. Every step takes `say`, told in short sentences what is being done."""

    home: Path
    partnership: Partnership
    clock: Clock

    @property
    def store(self) -> Store:
        return Store(self.home)

    def generate(self, size: float, seed: int, say: Progress) -> Any:
        """Write the synthetic partners' extracts into `synthetic/`."""
        from concord.synthetic import generate

        out = self.home / "synthetic"
        return generate(out, size=size, seed=seed, progress=lambda what, share: say(f"{what}, {share:.0%}"))

    def generated(self) -> Any:
        """What `generate` wrote. Raises BadInput where there is nothing complete."""
        from concord.synthetic import Generated

        return Generated.read(self.home / "synthetic")

    def cast(self) -> Mapping[str, Any]:
        """The told stories, so that the desk can be about the same people and events."""
        stories: Mapping[str, Any] = self.generated().cast()
        return stories

    def load(self, say: Progress) -> list[LoadResult]:
        """Receive every generated extract that a contract covers, on the day it was sent where that is stated."""
        results = []
        generated, now = self.generated(), self.clock()
        for name in generated.files:
            if name in self.partnership.feeds:
                today = now.astimezone(LONDON).date()
                for day, files in generated.deliveries(name, today):
                    came = now if day == today else datetime.combine(day, OFFICE_HOURS, LONDON)
                    results += self.receive(name, files, say, at=came)
        return results

    def receive(
        self, feed: str, files: Sequence[Path], say: Progress, *, at: datetime | None = None
    ) -> list[LoadResult]:
        """Receive files of one feed, now unless `at` says when. Raises BadInput where there is no contract for it."""
        if feed not in self.partnership.feeds:
            raise BadInput(
                f"There is no contract for the feed “{feed}”",
                where=Where(self.partnership.folder / "feeds"),
                next_step=did_you_mean(feed, self.partnership.feeds),
            )
        return extracts.load(
            self.home,
            self.partnership.feeds[feed],
            files,
            agreements=self.partnership.agreements,
            clock=at or self.clock,
            progress=lambda message: say(f"{feed.replace('_', ' ')}: {message}"),
        )

    def linkage(self) -> Linkage:
        """How the partnership links persons. Raises BadInput where it has not said."""
        if self.partnership.linkage is None:
            raise BadInput(
                f"{self.partnership.name} has not said how persons are linked",
                where=Where(self.partnership.folder / "linkage.toml"),
                next_step="Write linkage.toml, or extend `national`, which has one.",
            )
        return self.partnership.linkage

    def link(self, say: Progress, *, on_spark: bool = False) -> LinkResult:
        """Resolve persons across feeds; writes `person_links`, and how well it was done where truth is known.

        Raises BadInput where the partnership has no linkage settings or nothing loaded names a person.
        """
        from concord.evidence import linkage

        settings = self.linkage()
        say("comparing records")
        truth = self.home / "synthetic" / "truth" / "person_records.csv"
        known = self.partnership.synthetic and truth.is_file()
        owners = {name: feed.owner for name, feed in self.partnership.feeds.items() if feed.owner}
        return linkage.link(
            self.store,
            self.home,
            settings,
            self.clock,
            truth=truth if known else None,
            owners=owners,
            engine="spark" if on_spark else "duckdb",
        )

    def train_links(self, say: Progress) -> Path:
        """Estimate the weights of linking from what is loaded; returns the file for a person to look at."""
        from concord.evidence.linkage.training import train

        say("estimating how often fields agree")
        return train(self.store, self.home, self.linkage(), self.clock())

    def sample_links(self, to: Path, each: int, say: Progress) -> int:
        """Write pairs for people to label, at most `each` of every stratum; returns how many."""
        from concord.evidence.linkage.labels import draw

        say("drawing pairs")
        return draw(self.store, self.home, self.linkage(), to, each=each)

    def measure_links(self, labels: Path, say: Progress) -> Quality:
        """How well records are linked, by labelled pairs; writes `linkage_quality`."""
        from concord.evidence.linkage.labels import measure_and_store

        say("weighing labelled pairs")
        return measure_and_store(self.store, labels, self.linkage(), self.clock)

    def classify(self, say: Progress, *, engine: str = "duckdb") -> Any:
        """Apply the partnership's definition to every recorded crime, on DuckDB or Spark: `definition_results`."""
        from concord.evidence.datasets.classify import classify

        if self.partnership.definition is None:
            raise BadInput(
                f"{self.partnership.name} has not said what serious violence is here",
                where=Where(self.partnership.folder / "definition.toml"),
                next_step="Write definition.toml, or extend `national`, which has one.",
            )
        say("in, out or undetermined")
        return classify(self.store, self.partnership.definition, self.clock, engine=engine)

    def load_desk_extract(self, say: Progress) -> list[LoadResult]:
        """Write the desk's own extract and the system's own return, and receive them like any partner's."""
        from concord.jobs import desk_extract, own_return

        say("writing it")
        written = desk_extract.write(self.home, self.clock)
        feeds = DESK_FEEDS
        if own_return.FEED in self.partnership.feeds:
            written += own_return.write(self.home, self.partnership, self.clock)
            feeds = (*feeds, own_return.FEED)
        results = []
        for feed in feeds:
            files = [path for path in written if path.name.startswith(f"{feed}_")]
            if files:
                results += self.receive(feed, files, say)
        return results

    def publish(self, say: Progress) -> Published:
        """The needs assessment, its figures and the indicators' readings."""
        from concord.jobs import assessment

        return assessment.assess(self.home, self.partnership, clock=self.clock, progress=say)


def run_loop(
    home: Path, partnership: Partnership, clock: Clock, progress: Progress, *, size: float = 1.0, seed: int = 1
) -> Published:
    """Generate, load, link, classify and publish, without a desk: what evidence can say on its own."""
    loop = Loop(home, partnership, clock)
    loop.generate(size, seed, progress)
    loop.load(progress)
    loop.link(progress)
    loop.classify(progress)
    return loop.publish(progress)
