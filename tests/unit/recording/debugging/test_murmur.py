"""The hash that names the files of cells."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from ipykernel.compiler import get_tmp_hash_seed, murmur2_x86

from jupyter_session_export.recording.debugging.murmur import SEED, murmur2


@given(st.text())
def test_it_is_the_kernels_own(code: str) -> None:
    """Each text has the hash by which ipykernel names its file."""
    assert murmur2(code.encode()) == murmur2_x86(code, SEED)


def test_seed_is_the_kernels_own() -> None:
    """The seed is the one that ipykernel tells."""
    assert get_tmp_hash_seed() == SEED
