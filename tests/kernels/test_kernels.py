"""Portable kernels against the oracle: thousands of random cases under the sanitizers.

TINYML_KERNEL_CASES sets how many of each; the seeds stay, so more cases begin with the same ones.
"""

import os
import zlib

import numpy as np
import pytest

from tests.kernels.batch import check
from tests.kernels.cases import MAKERS, make

CASES = int(os.environ.get("TINYML_KERNEL_CASES", "100"))


@pytest.mark.parametrize("name", MAKERS)
def test_kernel_equals_oracle(name, tmp_path):
    seed = zlib.crc32(name.encode())
    print(f"seed {seed}")
    rng = np.random.default_rng(seed)
    check([make(name, rng) for _ in range(CASES)], tmp_path)
