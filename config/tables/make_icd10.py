"""Writes the two ICD-10-CM files of this folder from the development package simple-icd-10-cm.

Run once a year when the new release is out: `python -m config.tables.make_icd10`. The list itself is a
publication of the US government and in the public domain.
"""

from __future__ import annotations

import lzma
import zlib
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    import simple_icd_10_cm as published

    billable: dict[str, str] = {}
    headers: list[str] = []
    for code in published.get_all_codes(with_dots=False):
        if len(code) < 3 or "-" in code:  # chapters and blocks
            continue
        if published.is_leaf(code):
            billable[code] = published.get_description(code)
        else:
            headers.append(code)
    codes = sorted(billable)
    text = "\n".join(codes) + "\n\n" + "\n".join(sorted(headers))
    (HERE / "icd10cm.codes.z").write_bytes(zlib.compress(text.encode(), 9))
    descriptions = "\n".join(billable[code] for code in codes)
    (HERE / "icd10cm.texts.xz").write_bytes(lzma.compress(descriptions.encode(), preset=9))


if __name__ == "__main__":
    main()
