#!/usr/bin/env python3
"""Writes tables.rs, the character classes that SASLprep needs, from Python's module `stringprep`.

That module implements the tables of RFC 3454 on the Unicode 3.2 database, as the RFC demands. Run it without arguments
in any directory; it needs nothing but Python's standard library.
"""

import pathlib
import stringprep

TABLES = [
    ("NON_ASCII_SPACE", "C.1.2: spaces other than U+0020.", [stringprep.in_table_c12]),
    ("MAPPED_TO_NOTHING", "B.1: characters that preparation drops.", [stringprep.in_table_b1]),
    (
        "PROHIBITED",
        "C.1.2, C.2.1, C.2.2 and C.3 to C.9: characters that a prepared string may not have.",
        [
            stringprep.in_table_c12,
            stringprep.in_table_c21,
            stringprep.in_table_c22,
            stringprep.in_table_c3,
            stringprep.in_table_c4,
            stringprep.in_table_c5,
            stringprep.in_table_c6,
            stringprep.in_table_c7,
            stringprep.in_table_c8,
            stringprep.in_table_c9,
        ],
    ),
    ("UNASSIGNED", "A.1: code points that Unicode 3.2 does not assign.", [stringprep.in_table_a1]),
    ("RAND_AL_CAT", "D.1: characters written from right to left.", [stringprep.in_table_d1]),
    ("L_CAT", "D.2: characters written from left to right.", [stringprep.in_table_d2]),
]

HEADER = """\
//! The character classes of RFC 3454 that SASLprep needs, for Unicode 3.2.
//!
//! Written by `generate_tables.py` from Python's module `stringprep`; do not edit.

/// Ranges of characters, both ends included, in ascending order.
pub(super) type Ranges = &'static [(char, char)];
"""


def ranges(tests):
    """The ranges of characters for which one of `tests` holds. Surrogates are no characters."""
    found = []
    for code in [*range(0xD800), *range(0xE000, 0x110000)]:
        if not any(test(chr(code)) for test in tests):
            continue
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return found


def main():
    lines = [HEADER]
    for name, what, tests in TABLES:
        lines.append(f"/// Table {what}" if "and" not in what else f"/// Tables {what}")
        lines.append(f"pub(super) const {name}: Ranges = &[")
        lines += [f"    ('\\u{{{first:04x}}}', '\\u{{{last:04x}}}')," for first, last in ranges(tests)]
        lines.append("];\n")
    path = pathlib.Path(__file__).with_name("tables.rs")
    path.write_text("\n".join(lines).rstrip("\n") + "\n", encoding="ascii")


main()
