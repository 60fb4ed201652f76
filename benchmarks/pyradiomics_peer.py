"""The peer of ``benchmarks.texture``: run by an interpreter that has pyradiomics, and by no other.

Reads a file of arrays, computes every class, and every class but shape, and prints times and
values as JSON.
"""

import json
import logging
import sys
import time
from collections.abc import Callable

import numpy as np
import SimpleITK
from radiomics import featureextractor

CLASSES = ("firstorder", "glcm", "glrlm", "glszm", "ngtdm", "gldm")


def main() -> None:
    path, bins, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # It warns about GLCM being symmetrical by default, on every run.
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(1)  # as everything here
    stored = np.load(path)
    image = SimpleITK.GetImageFromArray(stored["image"].astype(np.float64))
    mask = SimpleITK.GetImageFromArray(stored["mask"].astype(np.uint8))
    flat = stored["image"].shape[0] == 1
    extractor = featureextractor.RadiomicsFeatureExtractor(
        binCount=bins, additionalInfo=False, force2D=flat
    )
    extractor.disableAllFeatures()
    for name in CLASSES:
        extractor.enableFeatureClassByName(name)
    seconds, found = _timed(lambda: extractor.execute(image, mask), rounds)
    extractor.enableFeatureClassByName("shape2D" if flat else "shape")
    with_shape, _ = _timed(lambda: extractor.execute(image, mask), rounds)
    values = {name: float(value) for name, value in found.items()}
    told = {"seconds": seconds, "with_shape": with_shape, "values": values}
    sys.stdout.write(json.dumps(told))


def _timed(run: Callable[[], dict[str, float]], rounds: int) -> tuple[float, dict[str, float]]:
    """Give the median processor time, and what was found."""
    found = run()  # fills caches
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        times.append(time.process_time() - begun)
    return sorted(times)[len(times) // 2], found


if __name__ == "__main__":
    main()
