"""Where a network looked: Grad-CAM as a share per cell, and as a picture to show."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
import torch
from captum.attr import LayerAttribution, LayerGradCam
from PIL import Image

from imaging.result import Picture
from imaging.segmentation.network import UNet
from imaging.segmentation.synthesis import Array

# Share of colour where the network looked most.
STRONGEST = 0.65
HEAT = np.array([255.0, 90.0, 0.0])


def looked_at(network: UNet, picture: Array, kind: int, where: npt.NDArray[np.bool_]) -> Array:
    """Say what of a picture spoke for a class inside a region.

    Grad-CAM (Selvaraju et al. 2020, Int J Comput Vis 128:336-359,
    doi 10.1007/s11263-019-01228-7) on the features that the network answers from; here the
    mean score inside a region takes the place of a class score (Vinogradova et al. 2020,
    arXiv 2002.11434).

    Parameters
    ----------
    picture : ndarray
        As the network's painter normalises it.
    kind : int
        The class asked about.
    where : ndarray of bool, shape of the picture
        The region; it may not be empty.

    Returns
    -------
    ndarray, shape of the picture
        Shares that are not negative and sum to 1; all zero where nothing spoke for the class.
    """
    if not where.any():
        raise ValueError("Saliency needs a region that holds something.")
    multiple = network.design.multiple
    pads = [(0, -n % multiple) for n in picture.shape]
    padded = torch.from_numpy(np.pad(picture, pads, mode="edge"))[None, None]
    inside = torch.from_numpy(np.pad(where, pads))

    def mean_score(batch: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = network(batch)
        return scores[:, kind][:, inside].mean(dim=1)

    attribution = LayerGradCam(mean_score, network.up[-1]).attribute(padded, relu_attributions=True)
    mode = "bilinear" if network.design.dimensions == 2 else "trilinear"
    fine = LayerAttribution.interpolate(attribution, padded.shape[2:], interpolate_mode=mode)
    heat = fine[0, 0].detach().numpy()[tuple(slice(0, n) for n in picture.shape)]
    total = float(heat.sum())
    return np.asarray(heat / total if total > 0 else np.zeros_like(heat), dtype=np.float32)


def heat_picture(grey: Array, heat: Array, size: tuple[int, int], title: str) -> Picture:
    """Lay heat over a grey picture.

    Parameters
    ----------
    grey, heat : ndarray, shape (rows, columns)
    size : tuple of int
        Width and height of the picture in pixels.
    """
    low, high = float(grey.min()), float(grey.max())
    plain = np.repeat(((grey - low) / max(high - low, 1e-6) * 255)[..., None], 3, axis=2)
    share = (STRONGEST * heat / max(float(heat.max()), 1e-12))[..., None]
    colours = np.rint(plain * (1 - share) + HEAT * share).astype(np.uint8)
    sink = BytesIO()
    Image.fromarray(colours).resize(size, Image.Resampling.BILINEAR).save(sink, format="PNG")
    return Picture(
        name="network-looked-at",
        png=sink.getvalue(),
        width=size[0],
        height=size[1],
        slice_index=None,
        title=title,
    )
