"""The files that are spoiled: one of each kind, two that are plain, those of another maker, the samples."""

from __future__ import annotations

from x12sdk import generate as sdk

from bureau.x12.samples import generate_835, generate_837
from tests.bureau.x12.kinds import KINDS
from tests.support.samples import find_samples, sample_name


def load_seeds() -> dict[str, bytes]:
    """All of them by name."""
    made = {name: kind.text for name, kind in KINDS.items()}
    made |= {"837 plain": generate_837(3), "835 plain": generate_835(3)}
    made |= {
        "sdk 837P": sdk.generate_837p(seed=1, claims=2), "sdk 837I": sdk.generate_837i(seed=1, claims=2),
        "sdk 835": sdk.generate_835(seed=1, claims=2), "sdk 270": sdk.generate_270(seed=1, members=2),
        "sdk 271": sdk.generate_271(seed=1, members=2), "sdk 276": sdk.generate_276(seed=1, patients=2),
        "sdk 277": sdk.generate_277(seed=1, patients=2), "sdk 834": sdk.generate_834(seed=1, enrollees=2),
    }  # fmt: skip
    samples = {sample_name(path): path.read_bytes() for path in find_samples("x12/*/*")}
    return {name: text.encode() for name, text in made.items()} | samples
