"""Noise of a given spectrum, the same at the same instant of every run, and means kept within bounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLE_S = 60
"""Length of a sample, s."""

_HOP = 1024  # samples from one block to the next; a block has twice as many
_BLOCK = 2 * _HOP
_FIRST_BLOCK = 1 << 40  # makes numbers of blocks positive

FREQUENCIES_HZ: Floats = np.arange(_HOP + 1) / (_BLOCK * float(SAMPLE_S))
"""Frequencies at which spectra are given, Hz, shape (1025,): 0 to 1/120 Hz."""

_WIDTH_HZ = float(FREQUENCIES_HZ[1])


def noise(spectra: Floats, weights: Floats, seed: int, stream: int, first_sample: int) -> Floats:
    """Return noise whose spectrum follows from sample to sample.

    Random phases at fixed amplitudes (Shinozuka and Deodatis 1991, 10.1115/1.3119501), in blocks of 34 h that begin
    every 17 h since 1970 and fade into each other with the sum of squared weights 1. So a sample depends on seed,
    stream and its number alone. All spectra share the phases: between two of them amplitudes are interpolated.

    Parameters
    ----------
    spectra
        One-sided power spectral densities at ``FREQUENCIES_HZ``, unit of the noise squared per Hz, shape (k, 1025).
    weights
        Share of each in the amplitude of a sample, shape (k, n).
    seed, stream
        Choose the phases; noise of other streams is independent.
    first_sample
        Number of the first sample since 1970 UTC.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    n = weights.shape[1]
    first_block, last_block = first_sample // _HOP - 1, (first_sample + n - 1) // _HOP
    turns = np.exp(2j * np.pi * _phases(seed, stream, first_block, last_block))
    fade = np.sin(np.pi * (np.arange(_BLOCK) + 0.5) / _BLOCK)
    begin = first_sample - (first_block + 1) * _HOP
    found = np.zeros(n)
    for spectrum, weight in zip(spectra, weights, strict=True):
        amplitude = np.sqrt(2.0 * spectrum * _WIDTH_HZ)
        amplitude[[0, -1]] = 0.0  # the mean is the series' own; phases mean nothing at the highest frequency
        blocks = np.fft.irfft(turns * amplitude, _BLOCK) * (_BLOCK / 2 * fade)
        faded = blocks[:-1, _HOP:] + blocks[1:, :_HOP]
        found += weight * faded.ravel()[begin : begin + n]
    return found


def _phases(seed: int, stream: int, first_block: int, last_block: int) -> Floats:
    """Return the phases of blocks, in turns, shape (blocks, 1025).

    Philox is a counter: any block is reached at once. Its raw numbers are the same on every platform and in every
    version of numpy; the distributions of its generators need not be.
    """
    key = np.array([seed, stream], dtype=np.uint64)
    blocks = range(first_block + _FIRST_BLOCK, last_block + _FIRST_BLOCK + 1)
    raw = [np.random.Philox(key=key, counter=[0, block, 0, 0]).random_raw(FREQUENCIES_HZ.size) for block in blocks]
    found: Floats = (np.array(raw) >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found


def shares(values: Floats, nodes: Floats) -> Floats:
    """Return how much of each node a value between them takes, shape (nodes, n); beyond them the outermost holds."""
    place = np.interp(values, nodes, np.arange(nodes.size))
    found: Floats = np.maximum(1.0 - np.abs(place - np.arange(nodes.size)[:, None]), 0.0)
    return found


def within(spectrum: Floats, interval_s: float) -> float:
    """Return the variance within intervals of noise whose mean over each is taken off.

    The integral of S(f) (1 - sinc(f T)^2) over the frequencies.

    Parameters
    ----------
    spectrum
        One-sided power spectral density at ``FREQUENCIES_HZ``, shape (1025,).
    interval_s
        Length T of an interval, s.
    """
    kept = 1.0 - np.sinc(FREQUENCIES_HZ * interval_s) ** 2
    return float((spectrum * kept)[1:-1].sum() * _WIDTH_HZ)


def keep_mean(values: Floats, mean: Floats, low: Floats, high: Floats) -> Floats:
    """Return values with the mean of each row that is wanted, within bounds.

    What the mean lacks is taken from the room up to the upper bound, what it exceeds from that down to the lower, of
    each value by the same share: the share is at most 1 since the wanted mean is within the bounds.

    Parameters
    ----------
    values
        Shape (rows, n), within the bounds.
    mean
        Wanted means, within the bounds, shape (rows, 1).
    low, high
        Bounds, of a shape that fits; ``high`` may be infinite: then all values are raised alike.
    """
    lack = mean - values.mean(axis=1, keepdims=True)
    room = np.where(lack > 0.0, np.where(np.isinf(high), 1.0, high - values), values - low)
    available = room.mean(axis=1, keepdims=True)
    share = np.divide(lack, available, out=np.zeros_like(lack), where=available > 0.0)
    found: Floats = np.clip(values + room * share, low, high)
    return found
