"""The peer of ``benchmarks.texture``: run by an interpreter that has pyradiomics, and by no other.

Reads a file of arrays, computes every class but shape, and prints times and values as JSON.
"""

import json
import logging
import sys
import time

import numpy as np
import SimpleITK
from radiomics import featureextractor

CLASSES = ("firstorder", "glcm", "glrlm", "glszm", "ngtdm", "gldm")


def main() -> None:
    path, bins, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    # It warns about GLCM being symmetrical by default, on every run.
    logging.getLogger("radiomics").setLevel(logging.ERROR)
    stored = np.load(path)
    image = SimpleITK.GetImageFromArray(stored["image"].astype(np.float64))
    mask = SimpleITK.GetImageFromArray(stored["mask"].astype(np.uint8))
    extractor = featureextractor.RadiomicsFeatureExtractor(
        binCount=bins, additionalInfo=False, force2D=stored["image"].shape[0] == 1
    )
    extractor.disableAllFeatures()
    for name in CLASSES:
        extractor.enableFeatureClassByName(name)
    extractor.execute(image, mask)  # fills caches
    times = []
    for _ in range(rounds):
        begun = time.perf_counter()
        found = extractor.execute(image, mask)
        times.append(time.perf_counter() - begun)
    values = {name: float(value) for name, value in found.items()}
    sys.stdout.write(json.dumps({"seconds": sorted(times)[len(times) // 2], "values": values}))


if __name__ == "__main__":
    main()
