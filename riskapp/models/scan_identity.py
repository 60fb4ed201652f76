"""Whose scan it is, as its files said: apart from the pixels, for comparison and for answers."""

from django.conf import settings
from django.db import models

from riskapp.models.encrypted import EncryptedDate, EncryptedJSON, EncryptedText
from riskapp.models.scan import Scan


class ScanIdentity(models.Model):
    """What the files of one scan said of the person and of themselves; blank where they did not.

    Nothing else that is stored of a scan names anybody. Attributes are as in
    ``imaging.identity.whose.Identity``.

    Attributes
    ----------
    removed : bool
        The files say themselves that names were taken out of them.
    printed : list of mapping
        What pages of print say of the person, as ``imaging.keeping.printed_identity.Printed``.
    print_unread : bool
        There is print of which it was not read whose it is.
    instances : list of [series UID, SOP instance UID]
        One pair for each file of the scan, in order, as the sender knows them: results go back
        under these, and not under the renewed ones of the stored files.
    """

    scan = models.OneToOneField(Scan, on_delete=models.CASCADE, related_name="identity")
    identifier = EncryptedText(blank=True, row="scan_id")
    issuer = EncryptedText(blank=True, row="scan_id")
    name = EncryptedText(blank=True, row="scan_id")
    birth_date = EncryptedDate(null=True, blank=True, row="scan_id")
    sex = EncryptedText(blank=True, row="scan_id")
    age = EncryptedText(blank=True, row="scan_id")
    accession_number = EncryptedText(blank=True, row="scan_id")
    study_uid = models.CharField(max_length=200, blank=True)
    frame_uid = EncryptedText(blank=True, row="scan_id")
    instances = EncryptedJSON(default=list, row="scan_id")
    removed = models.BooleanField(default=False)
    # An earlier migration writes rows of before these two were there.
    printed = EncryptedJSON(default=list, null=True, row="scan_id")
    print_unread = models.BooleanField(default=False, db_default=False)
    # A person compared it with the record and stands by it.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        verbose_name_plural = "scan identities"

    def __str__(self) -> str:
        return f"identity of scan {self.scan_id}"
