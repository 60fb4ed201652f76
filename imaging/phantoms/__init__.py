"""Synthetic scans with known truth, for the demo and the tests; no person was scanned."""

from imaging.phantoms.ct_lumbar import CtTruth, ct_lumbar, ct_lumbar_dicoms
from imaging.phantoms.dxa_femur import FemurTruth, dxa_femur, dxa_femur_dicom
from imaging.phantoms.dxa_forearm import ForearmTruth, dxa_forearm, dxa_forearm_dicom
from imaging.phantoms.dxa_lateral import LateralTruth, dxa_lateral, dxa_lateral_dicom
from imaging.phantoms.dxa_spine import DxaTruth, dxa_spine, dxa_spine_dicom
from imaging.phantoms.mri_lumbar import MriTruth, mri_lumbar, mri_lumbar_dicoms
from imaging.phantoms.radiograph import (
    TubeTruth,
    femur_radiograph,
    metacarpal_radiograph,
    radiograph_dicom,
)

__all__ = [
    "CtTruth",
    "DxaTruth",
    "FemurTruth",
    "ForearmTruth",
    "LateralTruth",
    "MriTruth",
    "TubeTruth",
    "ct_lumbar",
    "ct_lumbar_dicoms",
    "dxa_femur",
    "dxa_femur_dicom",
    "dxa_forearm",
    "dxa_forearm_dicom",
    "dxa_lateral",
    "dxa_lateral_dicom",
    "dxa_spine",
    "dxa_spine_dicom",
    "femur_radiograph",
    "metacarpal_radiograph",
    "mri_lumbar",
    "mri_lumbar_dicoms",
    "radiograph_dicom",
]
