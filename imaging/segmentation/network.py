"""A small U-Net, for volumes or for flat pictures (Ronneberger et al. 2015, arXiv 1505.04597)."""

import numpy as np
import torch
from torch import nn

from imaging.segmentation.design import GROUPS, LEAK, NORM_EPSILON, Design
from imaging.segmentation.forward import PlainNetwork


class UNet(nn.Module):
    """From one grey value per cell to one score per class and cell."""

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.design = design
        flat = design.dimensions == 2
        self.order = torch.channels_last if flat else torch.channels_last_3d
        convolution = nn.Conv2d if flat else nn.Conv3d
        widen = nn.ConvTranspose2d if flat else nn.ConvTranspose3d
        self.halve = nn.MaxPool2d(2) if flat else nn.MaxPool3d(2)
        sizes = design.channels
        self.down = nn.ModuleList(
            _block(convolution, before, here)
            for before, here in zip((1, *sizes), sizes, strict=False)
        )
        pairs = list(zip(sizes[:0:-1], sizes[-2::-1], strict=True))
        self.widen = nn.ModuleList(widen(below, here, 2, stride=2) for below, here in pairs)
        self.up = nn.ModuleList(_block(convolution, 2 * here, here) for _, here in pairs)
        self.answer = convolution(sizes[0], design.classes, 1)

    @classmethod
    def of(cls, plain: PlainNetwork) -> "UNet":
        """Build a network that answers as the plain one does."""
        network = cls(plain.design)
        network.load_state_dict({name: torch.from_numpy(a) for name, a in plain.arrays.items()})
        return network.eval()

    def plain(self) -> PlainNetwork:
        """Give what is needed to answer without torch."""
        arrays = {
            name: np.ascontiguousarray(values.numpy()) for name, values in self.state_dict().items()
        }
        return PlainNetwork(self.design, arrays)

    def features(self, picture: torch.Tensor) -> torch.Tensor:
        """Give the finest features; (batch, 1, ...) to (batch, channels[0], ...)."""
        kept: list[torch.Tensor] = []
        # In this order of cells convolutions are about twice as fast on a processor.
        here = picture.contiguous(memory_format=self.order)
        for depth, block in enumerate(self.down):
            here = block(here if depth == 0 else self.halve(here))
            kept.append(here)
        for widen, block, beside in zip(self.widen, self.up, reversed(kept[:-1]), strict=True):
            here = block(torch.cat([widen(here), beside], dim=1))
        return here

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """Give scores, (batch, classes, ...); their softmax over classes is a probability."""
        scores: torch.Tensor = self.answer(self.features(picture))
        return scores


def _block(convolution: type[nn.Module], before: int, after: int) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in (before, after):
        layers += [
            convolution(width, after, 3, padding=1, bias=False),
            nn.GroupNorm(GROUPS, after, eps=NORM_EPSILON),
            nn.LeakyReLU(LEAK, inplace=True),
        ]
    return nn.Sequential(*layers)


def parameters_of(network: nn.Module) -> int:
    """Count the numbers that training sets."""
    return sum(parameter.numel() for parameter in network.parameters())
