"""Signs with pyHanko and has it stamp the signature, as its own authority.

Usage: stamp.py LEVEL IN.pdf OUT.pdf KEY.p12 PIN_FILE TSA.pem, where LEVEL is t (a time stamp in the
signature) or d (that, and a document time stamp in a revision of its own)
"""

import sys

from asn1crypto import keys, pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfTimeStamper, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

level, source, out, key_file, pin_file, tsa_file = sys.argv[1:]
with open(pin_file, "rb") as file:
    signer = signers.SimpleSigner.load_pkcs12(key_file, passphrase=file.read().strip())
blocks = list(pem.unarmor(open(tsa_file, "rb").read(), multiple=True))
certificates = [x509.Certificate.load(der) for name, _, der in blocks if name == "CERTIFICATE"]
key = next(keys.PrivateKeyInfo.load(der) for name, _, der in blocks if name == "PRIVATE KEY")
stamper = DummyTimeStamper(
    tsa_cert=certificates[0], tsa_key=key, certs_to_embed=SimpleCertificateStore.from_certs(certificates[1:])
)
metadata = PdfSignatureMetadata(
    field_name="Peer", subfilter=SigSeedSubFilter.PADES, md_algorithm="sha256", embed_validation_info=False
)
with open(source, "rb") as file:
    writer = IncrementalPdfFileWriter(file)
    signed = signers.PdfSigner(metadata, signer=signer, timestamper=stamper).sign_pdf(writer)
if level == "d":
    stamper = PdfTimeStamper(stamper)
    signed = stamper.timestamp_pdf(IncrementalPdfFileWriter(signed), "sha256", validation_context=None)
with open(out, "wb") as file:
    file.write(signed.getbuffer())
