"""Report pages made for the tests: the words of a page, a picture of them, a PDF of them."""

import re
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from imaging.phantoms.dxa_report import phrases
from imaging.reports.pages import report_of_words
from imaging.reports.printed import Report
from imaging.reports.words import Word

# Layouts as the two makers print them; people and numbers are invented. BMC / area = BMD and
# sums of vertebrae hold, as they do on a true page.
HOLOGIC_SPINE = """\
Some Hospital                    Telephone: 555-0100
Name: Doe, Jane Zebra            Sex: Female          Height: 165.0 cm
Patient ID: ZEBRA-0815           Ethnicity: White     Weight: 62.0 kg
DOB: February 09, 1953           Age: 68
Scan Information:
Scan Date: December 04, 2021     ID: A1204210D
Scan Type: a Lumbar Spine
Model: Horizon A (S/N 300001M)
DXA Results Summary:
Region      Area      BMC       BMD       T -       Z -
            (cm2)     (g)       (g/cm2)   score     score
L1          12.10     8.47      0.700     -2.6      -0.9
L2          13.00     9.62      0.740     -2.6      -0.8
L3          14.20     10.79     0.760     -2.9      -0.9
L4          15.40     12.01     0.780     -2.6      -0.6
L1-L4       54.70     40.89     0.748     -2.7      -0.8
Total BMD CV 1.0%
HOLOGIC
"""
HOLOGIC_HIP = """\
Name: Doe, Jane Zebra
Scan Date: 04 December 2021
Scan Type: a Left Hip
Model: Horizon A
T-score vs. White Female. Source: NHANES Z-score vs. White Female.
DXA Results Summary:
Region      Area      BMC       BMD       T -       Z -
            (cm2)     (g)       (g/cm2)   score     score
Neck        4.90      3.07      0.627     -1.9      -0.3
Troch       10.10     5.66      0.560     -1.4      -0.4
Inter       18.00     16.38     0.910     -1.3      -0.4
Total       33.00     25.11     0.761     -1.5      -0.3
"""
LUNAR_DUAL = """\
Some Clinic
Patient: Zebra, Jane            Referring Physician: Quagga
Birth Date: 02/09/1953
DualFemur Bone Density
Densitometry: USA (Combined NHANES/Lunar)
               BMD        YA         AM
Region         (g/cm2)    T-score    Z-score
Neck Left      0.790      -1.8       -0.2
Neck Right     0.812      -1.6       0.0
Neck Mean      0.801      -1.7       -0.1
Neck Diff.     0.022      0.2        0.2
Total Left     0.830      -1.4       -0.1
Total Right    0.842      -1.3       0.0
Total Mean     0.836      -1.4       -0.1
Total Diff.    0.012      0.1        0.1
USA (Combined NHANES (ages 20-30) / Lunar (ages 20-40)) Femur, Female Reference Population
Measured Date 01/22/2021
GE Healthcare                                        Lunar iDXA
"""


def words_of_text(text: str) -> list[Word]:
    """Take the words of text that keeps its columns by spaces; a letter is one wide and high."""
    return [
        Word(found.group(), found.start(), found.end(), 1.6 * row, 1.6 * row + 1)
        for row, line in enumerate(text.splitlines())
        for found in re.finditer(r"\S+", line)
    ]


def report_of_text(text: str) -> Report:
    """Read such a page."""
    return report_of_words(words_of_text(text))


def drawn(text: str, *, size: int = 22, dark: bool = False) -> Image.Image:
    """Draw a page of text with its columns; 22 is print of 10 points at 150 dots to the inch."""
    lines = text.splitlines()
    font = ImageFont.load_default(size)
    step = size * 0.62
    page = Image.new("L", (int(step * 100), int(size * 1.9 * (len(lines) + 4))), 255)
    pen = ImageDraw.Draw(page)
    for row, line in enumerate(lines):
        for column, word in phrases(line):
            pen.text((40 + column * step, (row + 2) * size * 1.9), word, fill=0, font=font)
    return Image.fromarray(255 - np.asarray(page)) if dark else page


def pdf_of_picture(page: Image.Image) -> bytes:
    """Write a PDF that is nothing but a picture of a page."""
    sink = BytesIO()
    page.save(sink, "PDF", resolution=150.0)
    return sink.getvalue()
