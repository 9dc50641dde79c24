"""Augmentation: other images of the same class, made of those that there are. Lesson 8."""

import numpy as np

from ._validation import as_floats, check_below, check_generator


def shift_images(X, rng, pixels=2):
    """Each image moved by up to `pixels` down or up, and right or left; zeros come in.

    Parameters
    ----------
    X : images, (N, H, W) or (N, H, W, C); they stay as they are
    rng : numpy.random.Generator that draws two whole numbers in -pixels..pixels for each image
    pixels : whole number from 0 to below H and W

    Returns
    -------
    array like X. For training, `train(..., augment=shift_images)` moves each batch anew. To move
    by 1: `functools.partial(shift_images, pixels=1)`.

    Raises ValueError where X does not hold images. Derived in lesson 8.
    """
    X = as_floats("X", X)
    check_generator(rng)
    if X.ndim not in (3, 4):
        raise ValueError(
            f"X must hold images, of shape (N, H, W) or (N, H, W, C), got {X.shape}: "
            "rows of pixels become images by X.reshape(-1, 28, 28)"
        )
    N, H, W = X.shape[:3]
    check_below("pixels", pixels, "height and width", min(H, W))
    padded = np.pad(X, [(0, 0), (pixels, pixels), (pixels, pixels), (0, 0)][: X.ndim])
    down, right = rng.integers(-pixels, pixels + 1, size=(2, N, 1))
    rows = pixels - down + np.arange(H)  # (N, H): of the padded image
    columns = pixels - right + np.arange(W)
    return padded[np.arange(N)[:, None, None], rows[:, :, None], columns[:, None, :]]
