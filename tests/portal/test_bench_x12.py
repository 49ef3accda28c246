"""The X12 bench: every figure is there, and a longer stream takes no more memory."""

from __future__ import annotations

from portal.cli.bench_x12 import measure_stream_apart, measure_x12


def test_every_figure_is_measured_and_memory_does_not_follow_the_file() -> None:
    small, large = measure_x12(60, 2), measure_stream_apart(20)
    contenders = [f"{act}_{kind}" for kind in ("835", "837") for act in ("read", "write", "split", "pyx12", "x12sdk")]
    for name in [*(f"{each}_segments_per_second" for each in contenders), "stream_segments_per_second"]:
        assert small[name] > 0
    assert large["memory_mb_20mb_file"] < small["memory_mb_2mb_file"] + 5
    assert small["read_835_segments_per_second"] > 3 * small["x12sdk_835_segments_per_second"]
    assert small["read_837_segments_per_second"] > 3 * small["pyx12_837_segments_per_second"]
